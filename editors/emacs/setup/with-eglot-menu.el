(require 'fim-lsp)
(fim-lsp-setup-eglot)
(add-hook 'prog-mode-hook #'eglot-ensure)
