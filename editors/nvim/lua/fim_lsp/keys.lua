--- Insert mode keys. A key that finds no ghost text does what it did before.

local api = vim.api

local M = {}

local function in_indentation()
  local col = api.nvim_win_get_cursor(0)[2]
  return api.nvim_get_current_line():sub(1, col):match('^%s*$') ~= nil
end

local function keycodes(keys)
  return api.nvim_replace_termcodes(keys, true, true, true)
end

--- What `key` did before it was ours, as a function that returns the keys to press.
local function former(key)
  local mapping = vim.fn.maparg(key, 'i', false, true)
  if vim.tbl_isempty(mapping) or mapping.desc == M._description then
    return function()
      return keycodes(key)
    end
  end
  return function()
    local keys = mapping.rhs
    if mapping.expr == 1 then
      keys = mapping.callback and mapping.callback() or api.nvim_eval(mapping.rhs)
    elseif mapping.callback then
      vim.schedule(mapping.callback)
    end
    keys = keys or ''
    return (mapping.expr == 0 or mapping.replace_keycodes == 1) and keycodes(keys) or keys
  end
end

M._description = 'fim-lsp'

local function map(key, action)
  local otherwise = former(key)
  vim.keymap.set('i', key, function()
    local indents = key:lower() == '<tab>' and in_indentation()
    if not indents and require('fim_lsp')[action]() then
      return ''
    end
    return otherwise()
  end, { expr = true, replace_keycodes = false, desc = M._description })
end

---@param keys table<string, string|string[]|false>
function M.map(keys)
  for action, bound in pairs(keys) do
    for _, key in ipairs(type(bound) == 'table' and bound or { bound or nil }) do
      map(key, action)
    end
  end
end

return M
