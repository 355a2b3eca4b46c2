--- Draws what is left of a suggestion as ghost text. What stands right of the cursor stays where it is.

local api = vim.api

local M = {}

M.namespace = api.nvim_create_namespace('fim_lsp')

--- The pieces of `text` that are missing around the characters of `covered`: pairs of an offset in `covered` and a text.
--- nil where `covered` is not a subsequence of `text`. The last characters are matched first: `"a")` around `)` is `"a"`.
---@return [integer, string][]?
local function around(text, covered)
  local pieces, stop = {}, #text
  for i = #covered, 1, -1 do
    local at = stop
    while at > 0 and text:sub(at, at) ~= covered:sub(i, i) do
      at = at - 1
    end
    if at == 0 then
      return nil
    end
    if at < stop then
      table.insert(pieces, 1, { i, text:sub(at + 1, stop) })
    end
    stop = at - 1
  end
  if stop > 0 or #pieces == 0 then
    table.insert(pieces, 1, { 0, text:sub(1, stop) })
  end
  return pieces
end

function M.clear(buf)
  if api.nvim_buf_is_valid(buf) then
    api.nvim_buf_clear_namespace(buf, M.namespace, 0, -1)
  end
end

---@param suggestion fim_lsp.Suggestion
---@param rest fim_lsp.Rest
---@param hint? string  shown behind the text, such as " (2/3)"
function M.show(suggestion, rest, hint)
  M.clear(suggestion.buf)
  local row, col = suggestion.row, api.nvim_win_get_cursor(0)[2]
  local lines = vim.split(rest.text, '\n', { plain = true })
  local covered = api.nvim_get_current_line():sub(col + 1, col + rest.covers)
  local pieces = around(lines[1], covered)
  local position = pieces and 'inline' or 'overlay' -- overlay: what is covered moves to a later line
  if not pieces then
    local blanks = vim.fn.strdisplaywidth(covered) - vim.fn.strdisplaywidth(lines[1])
    pieces = { { 0, lines[1] .. (' '):rep(blanks) } }
  end
  local below = {}
  for i = 2, #lines do
    below[#below + 1] = { { lines[i], 'ComplHint' } }
  end
  if hint and #below > 0 then
    table.insert(below[#below], { hint, 'ComplHintMore' })
  elseif hint then
    table.insert(pieces, { #covered, hint })
  end
  for i, piece in ipairs(pieces) do
    api.nvim_buf_set_extmark(suggestion.buf, M.namespace, row, col + piece[1], {
      virt_text = { { piece[2], 'ComplHint' } },
      virt_text_pos = position,
      virt_lines = i == #pieces and below or nil,
      hl_mode = 'combine',
    })
  end
end

return M
