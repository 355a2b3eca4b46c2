{
  'fim-lsp/fim-lsp',
  event = 'InsertEnter',
  config = function(plugin)
    vim.opt.runtimepath:append(plugin.dir .. '/editors/nvim')
    require('fim_lsp').setup()
  end,
}
