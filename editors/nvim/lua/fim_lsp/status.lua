--- What the server last said about itself (`fim-lsp/status`).

local M = {}

---@type { state: string, reason?: string, provider?: string, message?: string }
M.last = { state = 'off' }

local signs = { idle = '●', busy = '…', paused = '⏸', error = '✗', off = '○' }

function M.update(status)
  M.last = status or { state = 'off' }
  vim.api.nvim_exec_autocmds('User', { pattern = 'FimLspStatus', modeline = false })
  vim.cmd.redrawstatus()
end

--- For a statusline: a sign, and where the text comes from.
function M.line()
  local sign = signs[M.last.state] or signs.idle
  local provider = M.last.provider or ''
  return provider == '' and sign or (sign .. ' ' .. provider)
end

return M
