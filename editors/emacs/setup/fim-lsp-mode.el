(require 'fim-lsp)
(add-hook 'prog-mode-hook #'fim-lsp-mode)
