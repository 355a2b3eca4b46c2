-- `:FimLsp WORD`: what can be asked of fim-lsp by hand.

if vim.g.loaded_fim_lsp then
  return
end
vim.g.loaded_fim_lsp = true

local function ask(command, arguments, show)
  local client = vim.lsp.get_clients({ name = 'fim_lsp' })[1]
  if not client then
    vim.notify('fim-lsp is not running here', vim.log.levels.WARN)
    return
  end
  client:request('workspace/executeCommand', { command = command, arguments = arguments or {} }, function(err, result)
    if err then
      vim.notify('fim-lsp: ' .. err.message, vim.log.levels.ERROR)
    elseif show then
      show(result)
    end
  end)
end

local actions = {
  toggle = function()
    require('fim_lsp').toggle()
  end,
  why = function()
    ask('fim-lsp.why', {}, function(decisions)
      vim.print((decisions or {})[1] or 'fim-lsp: nothing was asked yet')
    end)
  end,
  status = function()
    ask('fim-lsp.status', {}, vim.print)
  end,
  snooze = function(minutes)
    ask('fim-lsp.snooze', { tonumber(minutes) or 10 })
  end,
  clear = function()
    ask('fim-lsp.clear')
  end,
  restart = function()
    require('fim_lsp.revive').restart()
  end,
}

vim.api.nvim_create_user_command('FimLsp', function(command)
  local action = actions[command.fargs[1]]
  if not action then
    vim.notify('FimLsp takes one of: ' .. table.concat(vim.fn.sort(vim.tbl_keys(actions)), ', '), vim.log.levels.ERROR)
    return
  end
  action(command.fargs[2])
end, {
  nargs = '+',
  desc = 'fim-lsp: toggle, why, status, snooze, clear, restart',
  complete = function(lead)
    return vim.tbl_filter(function(name)
      return vim.startswith(name, lead)
    end, vim.fn.sort(vim.tbl_keys(actions)))
  end,
})
