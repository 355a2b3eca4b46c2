--- `:checkhealth fim_lsp`

local M = {}

local function check_neovim()
  if vim.fn.has('nvim-0.11') == 0 then
    vim.health.error('Neovim 0.11 or newer is needed')
  elseif vim.lsp.inline_completion then
    vim.health.ok('Neovim draws ghost text itself (vim.lsp.inline_completion)')
  else
    vim.health.ok('Neovim 0.11: this plugin draws ghost text')
  end
end

local function check_program()
  local program = vim.lsp.config.fim_lsp.cmd[1]
  local path = vim.fn.exepath(program)
  if path == '' then
    vim.health.error(('`%s` is not on PATH'):format(program), {
      'Install it: `pipx install fim-lsp` (or `uv tool install fim-lsp`)',
      "or say where it is: `vim.lsp.config('fim_lsp', { cmd = { '/path/to/fim-lsp' } })`",
    })
    return
  end
  local run = vim.system({ path, '--version' }, { text = true }):wait(5000)
  if run.code == 0 then
    vim.health.ok(('%s (%s)'):format(vim.trim(run.stdout), path))
  else
    vim.health.error(('%s does not start'):format(path), { vim.trim(run.stderr or '') })
  end
end

local function check_client()
  local clients = vim.lsp.get_clients({ name = 'fim_lsp' })
  if #clients == 0 then
    vim.health.warn('No server is running: open a file first')
    return
  end
  local response = clients[1]:request_sync('workspace/executeCommand', { command = 'fim-lsp.status' }, 2000)
  local status = response and response.result
  if not status then
    vim.health.error('The server does not answer', { ':FimLsp restart' })
  elseif status.state == 'error' then
    vim.health.error(status.message ~= '' and status.message or status.reason)
  else
    vim.health.ok(('The server is %s; text comes from %s'):format(status.state, status.provider or 'nowhere yet'))
  end
end

function M.check()
  vim.health.start('fim-lsp')
  check_neovim()
  check_program()
  check_client()
end

return M
