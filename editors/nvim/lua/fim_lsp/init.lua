--- fim-lsp for Neovim: ghost text, accepted whole, by word or by line. See `:help fim-lsp`.

local Suggestion = require('fim_lsp.suggestion')
local config = require('fim_lsp.config')

local M = {}

local is_on = false

--- Neovim's ghost text or ours: both have visible, accept, dismiss, select, refresh and enable.
local function ghost()
  return require(config.options.ghost_text == 'native' and 'fim_lsp.native' or 'fim_lsp.ghost')
end

---@param options? fim_lsp.Options
function M.setup(options)
  config.set(options)
  local settings = config.options.settings
  vim.lsp.config('fim_lsp', { init_options = settings, settings = { ['fim-lsp'] = settings } })
  vim.lsp.enable('fim_lsp')
  require('fim_lsp.keys').map(config.options.keys)
  require('fim_lsp.menu').watch(function()
    ghost().refresh()
  end)
  M.enable(config.options.enabled)
end

--- Show ghost text, or stop showing it. The server keeps running.
function M.enable(on)
  is_on = on ~= false
  ghost().enable(is_on)
end

function M.toggle()
  M.enable(not is_on)
  vim.notify('fim-lsp: ghost text is ' .. (is_on and 'on' or 'off'))
end

function M.visible()
  return is_on and ghost().visible()
end

--- Each of these returns whether there was something to act on, so that a mapping can do something else instead.
local function act(name, ...)
  if not M.visible() then
    return false
  end
  ghost()[name](...)
  return true
end

function M.accept()
  return act('accept', Suggestion.take.all)
end

function M.accept_word()
  return act('accept', Suggestion.take.word)
end

function M.accept_line()
  return act('accept', Suggestion.take.line)
end

function M.dismiss()
  return act('dismiss')
end

--- The next suggestion. Asks for more where there is one or none.
function M.next()
  ghost().select(1)
  return true
end

function M.previous()
  ghost().select(-1)
  return true
end

--- For a statusline: `%{v:lua.require'fim_lsp'.status()}`
function M.status()
  return require('fim_lsp.status').line()
end

return M
