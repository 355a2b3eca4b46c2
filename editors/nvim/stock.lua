vim.lsp.config('fim_lsp', { cmd = { 'fim-lsp' }, root_markers = { '.git' } })
vim.lsp.enable('fim_lsp')
vim.lsp.inline_completion.enable()
vim.keymap.set('i', '<Tab>', function()
  local before = vim.api.nvim_get_current_line():sub(1, vim.api.nvim_win_get_cursor(0)[2])
  if before:match('%S') and vim.lsp.inline_completion.get() then
    return ''
  end
  return '<Tab>'
end, { expr = true, desc = 'Accept the ghost text' })
