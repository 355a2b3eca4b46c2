(require 'fim-lsp)
(fim-lsp-setup-lsp-mode)
(setq lsp-inline-completion-idle-delay 0.05
      lsp-restart 'auto-restart)
(add-hook 'prog-mode-hook #'lsp-deferred)
