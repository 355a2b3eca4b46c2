--- A suggestion as an edit of one line of a buffer, and what is left of it once the user has typed along.
---
--- Columns are bytes. A suggestion starts at `col` of `row`; what stands between there and the cursor is a part of its
--- text already. `covers` counts the bytes right of the cursor that it takes the place of: brackets that were closed
--- by the editor, which its text holds as well.

local api = vim.api

---@class fim_lsp.Suggestion
---@field buf integer
---@field row integer
---@field col integer
---@field text string
---@field covers integer
---@field client_id integer
---@field command? lsp.Command
local Suggestion = {}
Suggestion.__index = Suggestion

---@class fim_lsp.Rest  What a suggestion still has to say at the cursor.
---@field text string
---@field covers integer

---@return fim_lsp.Suggestion
function Suggestion.new(fields)
  return setmetatable(fields, Suggestion)
end

---@param part string
---@param whole string
local function is_subsequence(part, whole)
  local at = 1
  for i = 1, #part do
    at = whole:find(part:sub(i, i), at, true)
    if not at then
      return false
    end
    at = at + 1
  end
  return true
end

--- What is left to insert at the cursor; nil where the buffer has left the suggestion or the suggestion is used up.
---@return fim_lsp.Rest?
function Suggestion:rest()
  if api.nvim_get_current_buf() ~= self.buf then
    return
  end
  local row, col = unpack(api.nvim_win_get_cursor(0))
  if row - 1 ~= self.row or col < self.col then
    return
  end
  local line = api.nvim_get_current_line()
  local typed = line:sub(self.col + 1, col)
  if not vim.startswith(self.text, typed) or #typed == #self.text then
    return
  end
  local rest = self.text:sub(#typed + 1)
  local covers = math.min(self.covers, #line - col)
  while covers > 0 and not is_subsequence(line:sub(col + 1, col + covers), rest) do
    covers = covers - 1
  end
  return { text = rest, covers = covers }
end

--- Insert the part of the rest that `take` chooses. Undo takes back just this, and marks elsewhere on the line stay.
---@param take fun(rest: string): string
---@return boolean inserted
function Suggestion:insert(take)
  local rest = self:rest()
  if not rest then
    return false
  end
  local part = take(rest.text)
  local whole = part == rest.text
  local row, col = self.row, api.nvim_win_get_cursor(0)[2]
  local lines = vim.split(part, '\n', { plain = true })
  vim.cmd('let &g:undolevels = &g:undolevels') -- begins a new undo step
  api.nvim_buf_set_text(self.buf, row, col, row, col + (whole and rest.covers or 0), lines)
  api.nvim_win_set_cursor(0, { row + #lines, (#lines == 1 and col or 0) + #lines[#lines] })
  vim.cmd('let &g:undolevels = &g:undolevels')
  self.row, self.col = row + #lines - 1, api.nvim_win_get_cursor(0)[2]
  self.text, self.covers = rest.text:sub(#part + 1), whole and 0 or rest.covers
  if whole and self.command then
    local client = vim.lsp.get_client_by_id(self.client_id)
    if client then
      client:exec_cmd(self.command, { bufnr = self.buf })
    end
  end
  return true
end

local take = {}

function take.all(rest)
  return rest
end

--- Blanks, then letters and digits or else other signs: `foo`, ` = `, `"bar`.
function take.word(rest)
  return rest:match('^%s*[%w_\128-\255]+') or rest:match('^%s*[^%w_%s\128-\255]+') or rest
end

--- To the end of the line; of the next line where the rest starts with a line end.
function take.line(rest)
  return rest:match('^\n*[^\n]+') or rest
end

Suggestion.take = take

return Suggestion
