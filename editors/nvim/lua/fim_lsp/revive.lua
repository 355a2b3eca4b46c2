--- Starts a server again that has died, and says so. A server that keeps dying is left alone.

local M = {}

local most, within_s = 4, 180
local sigterm = 15
local deaths = {}
local is_restarting = false

--- Called when a client's process has ended, in a fast context.
function M.exited(code, signal)
  vim.schedule(function()
    require('fim_lsp.status').update(nil)
    local was_told_to = (code == 0 and signal == 0) or signal == sigterm or is_restarting
    local is_leaving = vim.v.exiting ~= vim.NIL
    if not was_told_to and not is_leaving then
      M._restart(vim.uv.now() / 1000)
    end
  end)
end

function M._restart(now_s)
  deaths = vim.tbl_filter(function(at)
    return now_s - at < within_s
  end, deaths)
  deaths[#deaths + 1] = now_s
  if #deaths > most then
    vim.notify('fim-lsp keeps ending. Next: `:checkhealth fim_lsp`, then `:FimLsp restart`', vim.log.levels.ERROR)
    return
  end
  vim.notify('fim-lsp ended; starting it again', vim.log.levels.WARN)
  vim.defer_fn(M.start, 200 * #deaths)
end

--- Start the server for every buffer that is open.
function M.start()
  vim.lsp.enable('fim_lsp')
end

function M.restart()
  deaths = {}
  is_restarting = true
  for _, client in ipairs(vim.lsp.get_clients({ name = 'fim_lsp' })) do
    client:stop(true)
  end
  vim.defer_fn(function()
    is_restarting = false
    M.start()
  end, 300)
end

return M
