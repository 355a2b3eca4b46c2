---@brief
---
--- fim-lsp: inline (ghost text) completion over fill-in-the-middle models.
--- Starts `fim-lsp` from PATH. Settings: see `:help fim-lsp-settings`.

---@type vim.lsp.Config
return {
  cmd = { 'fim-lsp' },
  root_markers = { '.fim-lsp.toml', '.git' },
  capabilities = { experimental = { fimLsp = { status = true } } },
  handlers = {
    ['fim-lsp/status'] = function(_, status)
      require('fim_lsp.status').update(status)
    end,
  },
  on_exit = function(code, signal)
    require('fim_lsp.revive').exited(code, signal)
  end,
}
