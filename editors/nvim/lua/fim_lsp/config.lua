--- Options of `require('fim_lsp').setup`, with their defaults. What the server does is its own settings' business.

local M = {}

---@class fim_lsp.Options
M.defaults = {
  enabled = true,
  ghost_text = vim.lsp.inline_completion and 'native' or 'own',
  with_menu = 'hide',
  delay_ms = 20,
  settings = {},
  keys = {
    accept = { '<Tab>', '<M-a>' },
    accept_word = '<M-w>',
    accept_line = '<M-l>',
    next = '<M-]>',
    previous = '<M-[>',
    dismiss = '<C-]>',
  },
}

M.options = vim.deepcopy(M.defaults)

---@param name string
---@param allowed table<any, true>
local function one_of(name, value, allowed)
  if not allowed[value] then
    error(('fim_lsp: %s must be one of %s'):format(name, table.concat(vim.tbl_keys(allowed), ', ')), 0)
  end
end

function M.set(options)
  M.options = vim.tbl_deep_extend('force', M.defaults, options or {})
  one_of('with_menu', M.options.with_menu, { hide = true, keep = true })
  one_of('ghost_text', M.options.ghost_text, { native = vim.lsp.inline_completion and true, own = true })
  vim.validate('delay_ms', M.options.delay_ms, 'number')
  vim.validate('settings', M.options.settings, 'table')
  if vim.tbl_isempty(M.options.settings) then
    M.options.settings = vim.empty_dict() -- an empty table would be sent as a list
  end
end

return M
