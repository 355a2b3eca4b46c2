--- Ghost text by Neovim itself (`vim.lsp.inline_completion`, 0.12), and what it lacks: parts, dismissing, other
--- candidates on demand, keeping out of the menu's way, an undo step of its own.

local Suggestion = require('fim_lsp.suggestion')
local config = require('fim_lsp.config')
local draw = require('fim_lsp.draw')
local menu = require('fim_lsp.menu')

local api = vim.api

local M = {}

---@type fim_lsp.Suggestion?  what is left after a part was accepted, drawn by us until Neovim has asked again
local left

local function forget()
  if left then
    draw.clear(left.buf)
    left = nil
  end
end

--- Hand the current item to `use`; nothing is inserted by Neovim itself.
---@return boolean there is one
local function take_current(use)
  return vim.lsp.inline_completion.get({
    on_accept = function(item)
      use(item)
      return nil
    end,
  })
end

--- What Neovim keeps of a buffer. It is not public, so it may be missing one day; then there are no other candidates.
local function completor()
  local ok, capability = pcall(require, 'vim.lsp._capability')
  local inline = ok and capability.all and capability.all.inline_completion
  return inline and inline.active[api.nvim_get_current_buf()]
end

---@return fim_lsp.Suggestion
local function suggestion(item)
  local row, col, _, stop = item.range:to_extmark()
  return Suggestion.new({
    buf = api.nvim_get_current_buf(),
    row = row,
    col = col,
    text = item.insert_text,
    covers = stop - col, -- the range starts at the cursor of the request
    client_id = item.client_id,
    command = item.command,
  })
end

local function show_left()
  local rest = left and left:rest()
  if rest then
    draw.show(left, rest)
  else
    forget()
  end
  return rest
end

local function insert(current, take)
  if current:insert(take) then
    left = current
    show_left()
  end
end

function M.visible()
  if left and left:rest() then
    return true
  end
  local drawn = api.nvim_create_namespace('nvim.lsp.inline_completion')
  return #api.nvim_buf_get_extmarks(0, drawn, 0, -1, { limit = 1 }) > 0
end

function M.accept(take)
  if left and left:rest() then
    vim.schedule(function() -- text may not change inside an expression mapping
      insert(left, take)
    end)
    return
  end
  take_current(function(item)
    insert(suggestion(item), take)
  end)
end

--- Also what is on its way: Neovim asks 200 ms after a key, and would draw the answer.
function M.dismiss()
  forget()
  local current = completor()
  if current and current.abort then
    current:abort()
  else
    take_current(function() end)
  end
end

--- Neovim asks by itself for one candidate; more come only when asked for by hand.
function M.select(count)
  local current = completor()
  if current and current:count_items() < 2 then
    current:request(vim.lsp.protocol.InlineCompletionTriggerKind.Invoked)
  else
    vim.lsp.inline_completion.select({ count = count })
  end
end

local made_way = false

--- Make way for a menu, and ask again once it has gone.
function M.refresh()
  local current = completor()
  if config.options.with_menu == 'hide' and menu.visible() then
    made_way = true
    M.dismiss()
  elseif made_way then
    made_way = false
    if current and current.automatic_request then
      current:automatic_request()
    end
  end
end

local group

function M.enable(on)
  forget()
  vim.lsp.inline_completion.enable(on)
  if group then
    api.nvim_del_augroup_by_id(group)
    group = nil
  end
  if not on then
    return
  end
  group = api.nvim_create_augroup('fim_lsp_native', { clear = true })
  api.nvim_create_autocmd({ 'TextChangedI', 'TextChangedP', 'CursorMovedI' }, {
    group = group,
    callback = function()
      show_left()
      vim.schedule(M.refresh) -- after Neovim's own, which starts its timer now
    end,
  })
  api.nvim_create_autocmd({ 'InsertLeave', 'BufLeave' }, { group = group, callback = forget })
  api.nvim_create_autocmd('LspRequest', {
    group = group,
    callback = function(event)
      local request = event.data.request
      if request.method == 'textDocument/inlineCompletion' and request.type == 'complete' then
        forget() -- Neovim draws from here on
        vim.schedule(M.refresh)
      end
    end,
  })
end

return M
