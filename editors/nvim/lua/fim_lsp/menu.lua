--- Whether a completion menu is open: Neovim's own, blink.cmp's or nvim-cmp's.

local M = {}

local others = {
  ['blink.cmp'] = 'is_menu_visible',
  ['cmp'] = 'visible',
}

function M.visible()
  if vim.fn.pumvisible() == 1 then
    return true
  end
  for name, visible in pairs(others) do
    local plugin = package.loaded[name]
    if type(plugin) == 'table' and plugin[visible] and plugin[visible]() then
      return true
    end
  end
  return false
end

--- Call `changed` when a menu opens or closes.
function M.watch(changed)
  local group = vim.api.nvim_create_augroup('fim_lsp_menu', { clear = true })
  local later = vim.schedule_wrap(changed)
  vim.api.nvim_create_autocmd({ 'CompleteChanged', 'CompleteDone' }, { group = group, callback = later })
  vim.api.nvim_create_autocmd('User', {
    group = group,
    pattern = { 'BlinkCmpMenuOpen', 'BlinkCmpMenuClose' },
    callback = later,
  })
  vim.api.nvim_create_autocmd('InsertEnter', {
    group = group,
    callback = function()
      local cmp = package.loaded['cmp'] -- nvim-cmp tells in its own way, and is mostly loaded after us
      if type(cmp) == 'table' and cmp.event then
        cmp.event:on('menu_opened', later)
        cmp.event:on('menu_closed', later)
        return true -- once
      end
    end,
  })
end

return M
