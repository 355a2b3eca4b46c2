(require 'fim-lsp)
(fim-lsp-setup-eglot 'python-mode 'python-ts-mode)
(add-hook 'python-base-mode-hook #'eglot-ensure)
