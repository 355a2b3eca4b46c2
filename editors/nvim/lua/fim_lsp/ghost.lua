--- Ghost text of our own: for Neovim 0.11, and for those who do not want to wait the 200 ms of
--- `vim.lsp.inline_completion`. The same request, drawn by `draw`; what is typed along costs no request.

local Suggestion = require('fim_lsp.suggestion')
local config = require('fim_lsp.config')
local draw = require('fim_lsp.draw')
local menu = require('fim_lsp.menu')

local api = vim.api
local method = 'textDocument/inlineCompletion'

local M = {}

local grow_ms = 300

---@type fim_lsp.Suggestion[], integer, table?, uv.uv_timer_t?
local items, index, request, timer = {}, 1, nil, nil

---@type table?  where the user has dismissed: what Neovim says of the keys before that comes later, and asks for nothing
local dismissed

local function client_of(buf)
  return vim.lsp.get_clients({ bufnr = buf, name = 'fim_lsp' })[1]
end

local function forget()
  for _, item in ipairs(items) do
    draw.clear(item.buf)
  end
  items, index = {}, 1
end

local function later(delay_ms, act)
  timer = vim.defer_fn(function()
    timer = nil
    act()
  end, delay_ms)
end

local function cancel()
  if timer then
    timer:stop()
    timer = nil
  end
  if request then
    request.client:cancel_request(request.id)
    request = nil
  end
end

local function redraw(hint)
  local item = items[index]
  local rest = item and item:rest()
  if rest and not (config.options.with_menu == 'hide' and menu.visible()) then
    draw.show(item, rest, hint)
  elseif item then
    draw.clear(item.buf)
  end
  return rest
end

---@return fim_lsp.Suggestion
local function suggestion(client, buf, item)
  local cursor = api.nvim_win_get_cursor(0)
  local line = api.nvim_get_current_line()
  local function byte(character)
    return vim.str_byteindex(line, client.offset_encoding, character, false)
  end
  return Suggestion.new({
    buf = buf,
    row = cursor[1] - 1,
    col = item.range and byte(item.range.start.character) or cursor[2],
    text = item.insertText,
    covers = item.range and byte(item.range['end'].character) - cursor[2] or 0,
    client_id = client.id,
    command = item.command,
  })
end

local function continues(answer)
  local shown, now = items[index] and items[index]:rest(), answer:rest()
  return shown and now and vim.startswith(now.text, shown.text)
end

local function state()
  local buf = api.nvim_get_current_buf()
  return { buf, api.nvim_buf_get_changedtick(buf), unpack(api.nvim_win_get_cursor(0)) }
end

local function is_insert()
  return vim.startswith(api.nvim_get_mode().mode, 'i')
end

---@param kind 1|2  invoked, automatic
---@param grows? boolean  asked again to see whether there is more of what is shown
local function ask(kind, grows)
  cancel()
  local buf = api.nvim_get_current_buf()
  local client = client_of(buf)
  if not client or not is_insert() then
    return
  end
  local params = vim.lsp.util.make_position_params(0, client.offset_encoding)
  params.context = { triggerKind = kind }
  local before = state()
  local sent, id = client:request(method, params, function(_, result)
    request = nil
    if not result or not is_insert() or not vim.deep_equal(before, state()) then
      return
    end
    local answer = vim.tbl_map(function(item)
      return suggestion(client, buf, item)
    end, result.items or result)
    if grows and not (answer[1] and continues(answer[1])) then
      return
    end
    forget()
    items = answer
    redraw(#items > 1 and (' (1/%d)'):format(#items) or nil)
    if #items == 1 and not grows then -- the first line comes first, the rest of a block a little later
      later(grow_ms, function()
        ask(kind, true)
      end)
    end
  end, buf)
  request = sent and { client = client, id = id } or nil
end

--- The text or the cursor has moved: follow what is typed along, else ask anew.
local function moved()
  if redraw() then
    return
  end
  forget()
  cancel()
  if vim.deep_equal(dismissed, state()) then
    return
  end
  dismissed = nil
  later(config.options.delay_ms, function()
    ask(2)
  end)
end

function M.visible()
  return items[index] ~= nil and items[index]:rest() ~= nil
end

function M.accept(take)
  vim.schedule(function() -- text may not change inside an expression mapping
    local item = items[index]
    if item and item:insert(take) and not redraw() then
      forget()
    end
  end)
end

local function leave()
  cancel()
  forget()
  dismissed = nil
end

function M.dismiss()
  leave()
  dismissed = state()
end

function M.select(count)
  if #items > 1 then
    draw.clear(items[index].buf)
    index = (index - 1 + count) % #items + 1
    redraw((' (%d/%d)'):format(index, #items))
  else
    ask(1)
  end
end

function M.refresh()
  redraw()
end

local group

function M.enable(on)
  leave()
  if group then
    api.nvim_del_augroup_by_id(group)
    group = nil
  end
  if not on then
    return
  end
  group = api.nvim_create_augroup('fim_lsp_ghost', { clear = true })
  api.nvim_create_autocmd({ 'InsertEnter', 'TextChangedI', 'TextChangedP', 'CursorMovedI' }, {
    group = group,
    callback = moved,
  })
  api.nvim_create_autocmd({ 'InsertLeave', 'BufLeave' }, { group = group, callback = leave })
end

return M
