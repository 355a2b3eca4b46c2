;;; fim-lsp.el --- Ghost text completion from fim-lsp -*- lexical-binding: t; -*-

;; Copyright (C) 2025 The fim-lsp authors
;; SPDX-License-Identifier: MIT

;; Author: The fim-lsp authors
;; Maintainer: The fim-lsp authors
;; Version: 0.1.0
;; Package-Requires: ((emacs "29.1") (jsonrpc "1.0.24"))
;; Keywords: convenience, tools, languages
;; URL: https://github.com/fim-lsp/fim-lsp

;;; Commentary:

;; Shows what a fill-in-the-middle model would write next as ghost text at point: accept all of it, a word, a line, or
;; type along.
;;
;; `fim-lsp-mode' keeps a connection of its own to the language server `fim-lsp', because Eglot has one server a buffer
;; and no inline completion: the two work side by side in one buffer.
;;
;;     (add-hook 'prog-mode-hook #'fim-lsp-mode)
;;
;; `fim-lsp-setup-eglot' and `fim-lsp-setup-lsp-mode' register the server with those clients instead: in Eglot it
;; completes through the menu, in lsp-mode (10 or newer) through lsp-mode's own inline completion.
;;
;; All columns on the wire are characters (utf-32), so that positions need no counting; line ends are LF, as in buffers.

;;; Code:

(require 'cl-lib)
(require 'jsonrpc)
(require 'project)
(require 'subr-x)
(require 'url-util)

(defgroup fim-lsp nil
  "Ghost text completion over fill-in-the-middle models."
  :group 'convenience
  :prefix "fim-lsp-")

(defcustom fim-lsp-command '("fim-lsp")
  "The program that serves, and its arguments."
  :type '(repeat string))

(defcustom fim-lsp-settings nil
  "Settings handed to the server: a property list like its config file.
For example (:provider \"mistral\" :completion (:mode \"single\"))."
  :type 'plist)

(defcustom fim-lsp-idle-delay 0.05
  "Seconds without a key before a suggestion is asked for.
The server itself knows when to wait longer."
  :type 'number)

(defcustom fim-lsp-automatic t
  "Whether to ask while typing; if nil, only `fim-lsp-complete' asks."
  :type 'boolean)

(defcustom fim-lsp-hide-with-menu t
  "Whether ghost text makes way for an open completion menu."
  :type 'boolean)

(defcustom fim-lsp-status-place 'mode-line
  "Where the state of the server is shown."
  :type '(choice (const mode-line) (const header-line) (const :tag "Nowhere" nil)))

(defcustom fim-lsp-language-ids
  '((js . "javascript") (js2 . "javascript") (js-jsx . "javascriptreact") (tsx . "typescriptreact")
    (c++ . "cpp") (sh . "shellscript") (bash . "shellscript") (emacs-lisp . "emacs-lisp") (mhtml . "html")
    (nxml . "xml") (cperl . "perl") (tuareg . "ocaml") (makefile-gmake . "makefile") (objc . "objective-c")
    (conf-toml . "toml") (LaTeX . "latex") (latex . "latex"))
  "Language ids of major modes whose name without `-mode' or `-ts-mode' is not one."
  :type '(alist :key-type symbol :value-type string))

(defface fim-lsp-ghost '((t :inherit shadow))
  "Face of ghost text.")

(defface fim-lsp-hint '((t :inherit (shadow italic)))
  "Face of the count behind one of several suggestions.")


;;; The connection: one process, shared by all buffers

(defvar fim-lsp--connection nil "The running server's connection.")
(defvar fim-lsp--ready nil "Non-nil once the server has answered `initialize'.")
(defvar fim-lsp--folders nil "The workspace folders the server knows, as URIs.")
(defvar fim-lsp--status nil "What the server last said of itself.")
(defvar-local fim-lsp--opened nil "The URI under which the server has this buffer open.")
(defvar fim-lsp--deaths nil "When the server died without being told to, newest first, as floats.")

(defun fim-lsp--uri (path)
  "The file URI of PATH."
  (concat "file://" (and (memq system-type '(windows-nt ms-dos)) "/")
          (url-hexify-string (expand-file-name path) url-path-allowed-chars)))

(defun fim-lsp--folder ()
  "The folder of the current buffer's project."
  (let ((project (project-current)))
    (if project (project-root project) default-directory)))

(defun fim-lsp--connect ()
  "The connection, started if there is none."
  (unless (and fim-lsp--connection (jsonrpc-running-p fim-lsp--connection))
    (let ((folder (fim-lsp--folder)))
      (setq fim-lsp--ready nil
            fim-lsp--status nil
            fim-lsp--folders (list (fim-lsp--uri folder))
            fim-lsp--connection (fim-lsp--start folder))
      (fim-lsp--initialize fim-lsp--connection folder)))
  fim-lsp--connection)

(defun fim-lsp--start (folder)
  "Start the server in FOLDER."
  (unless (executable-find (car fim-lsp-command))
    (user-error "`%s' is not on PATH; install it with `pipx install fim-lsp'" (car fim-lsp-command)))
  (make-instance
   'jsonrpc-process-connection
   :name "fim-lsp"
   :events-buffer-config '(:size 0)
   :notification-dispatcher #'fim-lsp--on-notification
   :request-dispatcher #'fim-lsp--on-request
   :on-shutdown #'fim-lsp--on-shutdown
   :process (lambda ()
              (let ((default-directory folder))
                (make-process :name "fim-lsp" :command fim-lsp-command :connection-type 'pipe
                              :coding 'utf-8-emacs-unix :noquery t
                              :stderr (get-buffer-create " *fim-lsp stderr*"))))))

(defun fim-lsp--initialize (connection folder)
  "Introduce Emacs to CONNECTION, with FOLDER as the first workspace folder."
  (jsonrpc-async-request
   connection :initialize
   (list :processId (emacs-pid)
         :clientInfo (list :name "Emacs fim-lsp" :version emacs-version)
         :rootUri (fim-lsp--uri folder)
         :workspaceFolders (vector (fim-lsp--folder-object (fim-lsp--uri folder)))
         :initializationOptions (or fim-lsp-settings (make-hash-table))
         :capabilities
         '(:general (:positionEncodings ["utf-32"])
           :workspace (:workspaceFolders t :configuration t :didChangeConfiguration (:dynamicRegistration :json-false))
           :textDocument (:inlineCompletion (:dynamicRegistration :json-false)
                          :synchronization (:didSave t))
           :experimental (:fimLsp (:status t))))
   :success-fn (lambda (_result)
                 (jsonrpc-notify connection :initialized (make-hash-table))
                 (setq fim-lsp--ready t)
                 (force-mode-line-update t)
                 (fim-lsp--each-buffer #'fim-lsp--did-open))
   :error-fn (lambda (failure)
               (message "fim-lsp does not start: %s" (plist-get failure :message)))
   :timeout 30))

(defun fim-lsp--folder-object (uri)
  "The workspace folder at URI, as the protocol wants it."
  (list :uri uri :name (file-name-nondirectory (directory-file-name uri))))

(defun fim-lsp--each-buffer (act)
  "Call ACT in every buffer that has `fim-lsp-mode' on."
  (dolist (buffer (buffer-list))
    (with-current-buffer buffer
      (when (bound-and-true-p fim-lsp-mode)
        (funcall act)))))

(defun fim-lsp--notify (method params)
  "Send METHOD with PARAMS if the server listens."
  (when (and fim-lsp--ready (jsonrpc-running-p fim-lsp--connection))
    (jsonrpc-notify fim-lsp--connection method params)))

(defun fim-lsp--on-notification (_connection method params)
  "Take the server's notification METHOD with PARAMS."
  (pcase method
    ('fim-lsp/status
     (setq fim-lsp--status params)
     (force-mode-line-update t))
    ('window/showMessage (message "fim-lsp: %s" (plist-get params :message)))
    ('window/logMessage
     (with-current-buffer (get-buffer-create "*fim-lsp log*")
       (save-excursion
         (goto-char (point-max))
         (insert (plist-get params :message) "\n"))))))

(defun fim-lsp--on-request (_connection method params)
  "Answer the server's request METHOD with PARAMS."
  (pcase method
    ('workspace/configuration
     (vconcat (mapcar (lambda (_item) (or fim-lsp-settings (make-hash-table))) (plist-get params :items))))
    ('workspace/workspaceFolders (vconcat (mapcar #'fim-lsp--folder-object fim-lsp--folders)))
    (_ nil)))

(defun fim-lsp--on-shutdown (connection)
  "Say that CONNECTION has ended; start a new one up to four times in a row."
  (when (eq connection fim-lsp--connection)
    (setq fim-lsp--connection nil
          fim-lsp--ready nil
          fim-lsp--status nil)
    (fim-lsp--each-buffer (lambda () (fim-lsp--forget) (setq fim-lsp--opened nil)))
    (let ((now (float-time)))
      (setq fim-lsp--deaths (cons now (cl-remove-if (lambda (at) (> (- now at) 180)) fim-lsp--deaths))))
    (if (> (length fim-lsp--deaths) 4)
        (message "fim-lsp keeps ending; see the buffer \" *fim-lsp stderr*\", then M-x fim-lsp-restart")
      (message "fim-lsp ended; starting it again")
      (run-with-timer (* 0.2 (length fim-lsp--deaths)) nil #'fim-lsp--revive))))

(defun fim-lsp--revive ()
  "Connect again if a buffer wants it."
  (cl-some (lambda (buffer)
             (with-current-buffer buffer
               (when (bound-and-true-p fim-lsp-mode)
                 (fim-lsp--connect))))
           (buffer-list)))

(defun fim-lsp-stop ()
  "End the server."
  (interactive)
  (when-let* ((connection fim-lsp--connection))
    (setq fim-lsp--connection nil
          fim-lsp--ready nil
          fim-lsp--status nil)
    (fim-lsp--each-buffer (lambda () (fim-lsp--forget) (setq fim-lsp--opened nil)))
    (when (jsonrpc-running-p connection)
      (ignore-errors (jsonrpc-request connection :shutdown nil :timeout 1))
      (ignore-errors (jsonrpc-notify connection :exit nil))
      (jsonrpc-shutdown connection t))))

(defun fim-lsp-restart ()
  "End the server and start it again."
  (interactive)
  (setq fim-lsp--deaths nil)
  (fim-lsp-stop)
  (fim-lsp--revive))


;;; Documents

(defvar-local fim-lsp--version 0 "Version of the document, counted up with each notification.")
(defvar-local fim-lsp--changes nil
  "Changes not sent yet, newest first; `all' if too tangled to tell one by one.")

(defun fim-lsp--document-uri ()
  "The URI of the current buffer."
  (if buffer-file-name
      (fim-lsp--uri (or (file-remote-p buffer-file-name 'localname) buffer-file-name))
    (concat "untitled:" (url-hexify-string (buffer-name)))))

(defun fim-lsp--language-id ()
  "The language id of the current buffer."
  (let ((name (replace-regexp-in-string "\\(-ts\\)?-mode\\'" "" (symbol-name major-mode))))
    (or (alist-get (intern name) fim-lsp-language-ids) name)))

(defun fim-lsp--clean (text)
  "TEXT with what JSON cannot hold, raw bytes and lone surrogates, replaced."
  (replace-regexp-in-string "[\ud800-\udfff\x110000-\x3fffff]" "\ufffd" (substring-no-properties text) t t))

(defun fim-lsp--position (&optional pos)
  "The protocol's position of POS or point."
  (save-excursion
    (save-restriction
      (widen)
      (goto-char (or pos (point)))
      (list :line (1- (line-number-at-pos)) :character (- (point) (pos-bol))))))

(defun fim-lsp--text ()
  "All of the buffer."
  (save-restriction
    (widen)
    (fim-lsp--clean (buffer-substring-no-properties (point-min) (point-max)))))

(defun fim-lsp--did-open ()
  "Tell the server of the current buffer."
  (let ((folder (fim-lsp--uri (fim-lsp--folder))))
    (unless (member folder fim-lsp--folders)
      (push folder fim-lsp--folders)
      (fim-lsp--notify :workspace/didChangeWorkspaceFolders
                       (list :event (list :added (vector (fim-lsp--folder-object folder)) :removed [])))))
  (setq fim-lsp--opened (fim-lsp--document-uri)
        fim-lsp--changes nil)
  (fim-lsp--notify :textDocument/didOpen
                   (list :textDocument (list :uri fim-lsp--opened :languageId (fim-lsp--language-id)
                                             :version (cl-incf fim-lsp--version) :text (fim-lsp--text)))))

(defun fim-lsp--did-close ()
  "Tell the server that the current buffer is no longer open."
  (when fim-lsp--opened
    (fim-lsp--notify :textDocument/didClose (list :textDocument (list :uri fim-lsp--opened)))
    (setq fim-lsp--opened nil)))

(defun fim-lsp--did-save ()
  "Tell the server that the current buffer was saved, under a new name perhaps."
  (fim-lsp--flush)
  (if (equal fim-lsp--opened (fim-lsp--document-uri))
      (fim-lsp--notify :textDocument/didSave (list :textDocument (list :uri fim-lsp--opened)))
    (fim-lsp--did-close)
    (fim-lsp--did-open)))

(defun fim-lsp--before-change (beg end)
  "Remember where the text from BEG to END stands while it still stands there."
  (when (and fim-lsp--opened (listp fim-lsp--changes))
    (push (list beg end (fim-lsp--position beg) (fim-lsp--position end)) fim-lsp--changes)))

(defun fim-lsp--after-change (beg end length)
  "Complete the change at BEG: LENGTH characters became those up to END."
  (when (and fim-lsp--opened (listp fim-lsp--changes))
    (pcase (car fim-lsp--changes)
      (`(,(pred (eq beg)) ,(pred (eq (+ beg length))) ,from ,to)
       (setcar fim-lsp--changes
               (list :range (list :start from :end to)
                     :text (fim-lsp--clean (buffer-substring-no-properties beg end)))))
      (_ (setq fim-lsp--changes 'all)))))

(defun fim-lsp--flush ()
  "Send what has changed."
  (when (and fim-lsp--opened fim-lsp--changes)
    (let ((whole (or (eq fim-lsp--changes 'all)
                     (cl-notevery (lambda (change) (eq (car change) :range)) fim-lsp--changes))))
      (fim-lsp--notify :textDocument/didChange
                       (list :textDocument (list :uri fim-lsp--opened :version (cl-incf fim-lsp--version))
                             :contentChanges (if whole
                                                 (vector (list :text (fim-lsp--text)))
                                               (vconcat (reverse fim-lsp--changes))))))
    (setq fim-lsp--changes nil)))


;;; Suggestions: an edit at a place, followed while its text is typed

(cl-defstruct (fim-lsp--suggestion (:constructor fim-lsp--make-suggestion))
  "A suggestion: TEXT, which starts at the position BEG.
Its first part may stand there already.  COVERS counts the characters right of
point that it takes the place of."
  beg text covers command)

(defvar-local fim-lsp--suggestions nil "The suggestions for this place.")
(defvar-local fim-lsp--index 0 "Which of them is shown.")
(defvar-local fim-lsp--overlays nil "The overlays that show it.")
(defvar-local fim-lsp--showing nil "Non-nil while ghost text is shown; switches its keys on.")
(defvar-local fim-lsp--request nil "The id of the request in flight.")
(defvar-local fim-lsp--timer nil "The timer that will ask.")
(defvar-local fim-lsp--tick nil "`buffer-chars-modified-tick' after the last command.")

(defun fim-lsp--current ()
  "The suggestion that is or could be shown."
  (nth fim-lsp--index fim-lsp--suggestions))

(defun fim-lsp--subsequence-p (part whole)
  "Whether the characters of PART occur in WHOLE, in that order."
  (let ((at 0))
    (cl-every (lambda (char)
                (when-let* ((found (cl-position char whole :start at)))
                  (setq at (1+ found))))
              part)))

(defun fim-lsp--rest (suggestion)
  "What SUGGESTION still has to say at point, as (TEXT . COVERS).
Nil if the buffer has left it."
  (when suggestion
    (let* ((beg (fim-lsp--suggestion-beg suggestion))
           (text (fim-lsp--suggestion-text suggestion))
           (typed (and (<= (point-min) beg (point)) (buffer-substring-no-properties beg (point)))))
      (when (and typed (string-prefix-p typed text) (< (length typed) (length text)))
        (let ((rest (substring text (length typed)))
              (covers (min (fim-lsp--suggestion-covers suggestion) (- (pos-eol) (point)))))
          (while (not (fim-lsp--subsequence-p (buffer-substring-no-properties (point) (+ (point) covers)) rest))
            (cl-decf covers))
          (cons rest covers))))))

(defun fim-lsp--pieces (text covered)
  "What is missing of TEXT around COVERED: a list of (OFFSET . PIECE).
The symbol `over' if they do not interleave.  Last characters are matched first."
  (let ((stop (length text)) (i (length covered)) pieces)
    (while (and (> i 0) stop)
      (let ((at (cl-position (aref covered (1- i)) text :end stop :from-end t)))
        (when (and at (< (1+ at) stop))
          (push (cons i (substring text (1+ at) stop)) pieces))
        (setq stop at)
        (cl-decf i)))
    (cond ((not stop) 'over)
          ((and (= stop 0) pieces) pieces)
          (t (cons (cons 0 (substring text 0 stop)) pieces)))))

(defun fim-lsp--hide ()
  "Take ghost text off the screen."
  (mapc #'delete-overlay fim-lsp--overlays)
  (setq fim-lsp--overlays nil
        fim-lsp--showing nil))

(defun fim-lsp--forget ()
  "Drop all suggestions, and the request for more."
  (fim-lsp--hide)
  (setq fim-lsp--suggestions nil
        fim-lsp--index 0)
  (when fim-lsp--timer
    (cancel-timer fim-lsp--timer)
    (setq fim-lsp--timer nil))
  (when fim-lsp--request
    (fim-lsp--notify :$/cancelRequest (list :id fim-lsp--request))
    (setq fim-lsp--request nil)))

(defun fim-lsp--overlay (pos end string)
  "Show STRING at POS, in place of the text up to END."
  (let ((overlay (make-overlay pos end nil t)))
    (when (> end pos)
      (overlay-put overlay 'invisible t))
    (when (= pos (point))
      (put-text-property 0 1 'cursor t string))
    (overlay-put overlay 'after-string string)
    (overlay-put overlay 'priority 100)
    (push overlay fim-lsp--overlays)))

(defun fim-lsp--show ()
  "Draw the current suggestion at point; return nil if nothing of it is left."
  (fim-lsp--hide)
  (pcase (fim-lsp--rest (fim-lsp--current))
    (`(,rest . ,covers)
     (let* ((covered (buffer-substring-no-properties (point) (+ (point) covers)))
            (hint (if (cdr fim-lsp--suggestions)
                      (propertize (format " (%d/%d)" (1+ fim-lsp--index) (length fim-lsp--suggestions))
                                  'face 'fim-lsp-hint)
                    ""))
            (pieces (if (string-search "\n" rest) 'over (fim-lsp--pieces rest covered))))
       (unless (and fim-lsp-hide-with-menu (fim-lsp--menu-p))
         (if (eq pieces 'over)
             (fim-lsp--overlay (point) (+ (point) covers) (concat (propertize rest 'face 'fim-lsp-ghost) hint))
           (dolist (piece pieces)
             (fim-lsp--overlay (+ (point) (car piece)) (+ (point) (car piece))
                               (concat (propertize (cdr piece) 'face 'fim-lsp-ghost)
                                       (if (eq piece (car (last pieces))) hint "")))))
         (setq fim-lsp--showing t))
       t))))

(defun fim-lsp--menu-p ()
  "Whether a completion menu is open in this buffer."
  (or completion-in-region-mode
      (bound-and-true-p company-candidates)))


;;; Asking

(defconst fim-lsp--grow-delay 0.3
  "Seconds after which to see whether there is more of what is shown.
The first line of a block comes first, the rest a little later.")

(defun fim-lsp--ask (buffer &optional invoked grows)
  "Ask for suggestions at point of BUFFER; INVOKED if the user did so by hand.
GROWS if it is to see whether there is more of what is shown."
  (when (buffer-live-p buffer)
    (with-current-buffer buffer
      (setq fim-lsp--timer nil)
      (when (and fim-lsp--ready fim-lsp--opened (or invoked (fim-lsp--typing-p)))
        (fim-lsp--flush)
        (let ((tick (buffer-chars-modified-tick)) (place (point)) id)
          (setq id (car (jsonrpc-async-request
                         fim-lsp--connection :textDocument/inlineCompletion
                         (list :textDocument (list :uri fim-lsp--opened)
                               :position (fim-lsp--position)
                               :context (list :triggerKind (if invoked 1 2)))
                         :success-fn
                         (lambda (result)
                           (when (and (buffer-live-p buffer) result)
                             (with-current-buffer buffer
                               (when (and (eq id fim-lsp--request) (eq place (point))
                                          (eq tick (buffer-chars-modified-tick)))
                                 (setq fim-lsp--request nil)
                                 (fim-lsp--take result grows)))))
                         :error-fn #'ignore ; silence has its reason, which `fim-lsp-why' tells
                         :timeout-fn #'ignore
                         :timeout 60))
                fim-lsp--request id))))))

(defun fim-lsp--typing-p ()
  "Whether the user is writing in the current buffer."
  (and (eq (current-buffer) (window-buffer (selected-window)))
       (not buffer-read-only)
       (not (region-active-p))
       (or (not (bound-and-true-p evil-local-mode))
           (memq (bound-and-true-p evil-state) '(insert emacs replace)))))

(defun fim-lsp--ask-later (delay &optional grows)
  "Ask after DELAY seconds without a key; GROWS as for `fim-lsp--ask'."
  (setq fim-lsp--timer
        (run-with-idle-timer delay nil #'fim-lsp--ask (current-buffer) nil grows)))

(defun fim-lsp--take (result grows)
  "Show the server's RESULT; if it GROWS, only as a longer form of what is shown."
  (let ((suggestions (mapcar #'fim-lsp--from-item
                             (if (vectorp result) result (plist-get result :items))))
        (shown (car (fim-lsp--rest (fim-lsp--current)))))
    (when (or (not grows)
              (and shown suggestions
                   (string-prefix-p shown (or (car (fim-lsp--rest (car suggestions))) ""))))
      (setq fim-lsp--suggestions suggestions
            fim-lsp--index 0)
      (when (and (fim-lsp--show) (not grows) (not (cdr suggestions)))
        (fim-lsp--ask-later (time-add (or (current-idle-time) 0) fim-lsp--grow-delay) t)))))

(defun fim-lsp--from-item (item)
  "The suggestion that the protocol's ITEM stands for.
Its range lies on the line of point."
  (let* ((range (plist-get item :range))
         (from (plist-get (plist-get range :start) :character))
         (to (plist-get (plist-get range :end) :character)))
    (fim-lsp--make-suggestion
     :beg (if range (+ (pos-bol) from) (point))
     :covers (if range (- (+ (pos-bol) to) (point)) 0)
     :text (plist-get item :insertText)
     :command (plist-get item :command))))

(defun fim-lsp--after-command ()
  "Send what was edited, follow what was typed along, and ask if need be."
  (let ((changed (not (eq fim-lsp--tick (setq fim-lsp--tick (buffer-chars-modified-tick))))))
    (fim-lsp--flush)
    (cond ((fim-lsp--show))
          (changed
           (fim-lsp--forget)
           (when fim-lsp-automatic
             (fim-lsp--ask-later fim-lsp-idle-delay)))
          (fim-lsp--suggestions (fim-lsp--forget)))))


;;; Commands

(defun fim-lsp-complete ()
  "Ask for suggestions here."
  (interactive)
  (fim-lsp--forget)
  (fim-lsp--ask (current-buffer) t))

(defun fim-lsp--accept (take)
  "Insert the part of the suggestion that TAKE chooses of its rest.
It is an undo step of its own."
  (pcase-let* ((suggestion (or (fim-lsp--current) (user-error "No suggestion here")))
               (`(,rest . ,covers) (or (fim-lsp--rest suggestion) (user-error "No suggestion here")))
               (part (funcall take rest))
               (whole (equal part rest)))
    (fim-lsp--hide)
    (undo-boundary)
    (when whole
      (delete-region (point) (+ (point) covers)))
    (insert part)
    (undo-boundary)
    (when-let* ((command (and whole (fim-lsp--suggestion-command suggestion))))
      (fim-lsp--execute (plist-get command :command) (plist-get command :arguments)))))

(defun fim-lsp-accept ()
  "Insert the suggestion."
  (interactive)
  (fim-lsp--accept #'identity))

(defun fim-lsp-accept-word ()
  "Insert the suggestion up to the end of its first word."
  (interactive)
  (fim-lsp--accept
   (lambda (rest)
     (if (string-match "\\`[[:space:]\n]*\\(?:[[:alnum:]_]+\\|[^[:alnum:]_[:space:]\n]+\\)" rest)
         (match-string 0 rest)
       rest))))

(defun fim-lsp-accept-line ()
  "Insert the suggestion up to the end of its first line that is not empty."
  (interactive)
  (fim-lsp--accept
   (lambda (rest)
     (if (string-match "\\`\n*[^\n]+" rest) (match-string 0 rest) rest))))

(defun fim-lsp-next (&optional count)
  "Show the next suggestion, or the COUNTth; ask for more if there is only one."
  (interactive "p")
  (if (cdr fim-lsp--suggestions)
      (progn
        (setq fim-lsp--index (mod (+ fim-lsp--index (or count 1)) (length fim-lsp--suggestions)))
        (fim-lsp--show))
    (fim-lsp-complete)))

(defun fim-lsp-previous (&optional count)
  "Show the previous suggestion, or the COUNTth."
  (interactive "p")
  (fim-lsp-next (- (or count 1))))

(defun fim-lsp-dismiss ()
  "Take the suggestion away."
  (interactive)
  (fim-lsp--forget))

(defun fim-lsp--execute (command arguments &optional show)
  "Have the server execute COMMAND with ARGUMENTS and call SHOW with the result."
  (unless fim-lsp--ready
    (user-error "The fim-lsp server is not running"))
  (jsonrpc-async-request
   fim-lsp--connection :workspace/executeCommand
   (list :command command :arguments (or arguments []))
   :success-fn (or show #'ignore)
   :error-fn (lambda (failure) (message "fim-lsp: %s" (plist-get failure :message)))))

(defun fim-lsp-why ()
  "Tell why the last request had the answer it had."
  (interactive)
  (fim-lsp--execute
   "fim-lsp.why" nil
   (lambda (decisions)
     (message "fim-lsp: %s" (if (seq-empty-p decisions) "nothing was asked yet" (elt decisions 0))))))

(defun fim-lsp-toggle ()
  "Switch suggestions off or on again, in all editors' buffers of this server."
  (interactive)
  (fim-lsp--execute "fim-lsp.toggle" nil))

(defun fim-lsp-snooze (minutes)
  "Be silent for MINUTES; 0 ends it."
  (interactive "nMinutes: ")
  (fim-lsp--execute "fim-lsp.snooze" (vector minutes)))

(defun fim-lsp-clear ()
  "Forget caches and refusals, and try again."
  (interactive)
  (fim-lsp--execute "fim-lsp.clear" nil))


;;; Status

(defun fim-lsp-status ()
  "The state of the server in a word, for the mode line or the header line."
  (let ((state (plist-get fim-lsp--status :state)) (provider (plist-get fim-lsp--status :provider)))
    (concat " fim:"
            (cond ((not fim-lsp--ready) "off")
                  ((and (equal state "error") (plist-get fim-lsp--status :reason)))
                  ((member state '(nil "idle")) (if (member provider '(nil "")) "on" provider))
                  (t state)))))

(defconst fim-lsp--header '(fim-lsp-mode (:eval (fim-lsp-status)))
  "Our part of the header line.")

(defun fim-lsp--show-status (on)
  "Put the status into the header line if ON and wanted there, else take it out."
  (when (or (not on) (eq fim-lsp-status-place 'header-line))
    (setq header-line-format
          (let ((others (remove fim-lsp--header (ensure-list header-line-format))))
            (if on (append others (list fim-lsp--header)) others)))))


;;; The mode

(defun fim-lsp--in-indentation-p ()
  "Whether point has only blanks before it on its line."
  (string-blank-p (buffer-substring-no-properties (pos-bol) (point))))

(defun fim-lsp--unless (predicate)
  "A filter for a key that is ours unless PREDICATE is true."
  (lambda (command) (unless (funcall predicate) command)))

(defun fim-lsp--text-follows-p ()
  "Whether a movement forward on this line would have somewhere to go."
  (pcase (fim-lsp--rest (fim-lsp--current))
    (`(,_ . ,covers) (< (+ (point) covers) (pos-eol)))))

(defvar-keymap fim-lsp-active-map
  :doc "Keys while ghost text is shown.
Tab stays what it is in leading whitespace, and movements where there is text
to move over."
  "TAB" `(menu-item "" fim-lsp-accept :filter ,(fim-lsp--unless #'fim-lsp--in-indentation-p))
  "<tab>" `(menu-item "" fim-lsp-accept :filter ,(fim-lsp--unless #'fim-lsp--in-indentation-p))
  "M-RET" #'fim-lsp-accept
  "C-<return>" #'fim-lsp-accept
  "M-f" `(menu-item "" fim-lsp-accept-word :filter ,(fim-lsp--unless #'fim-lsp--text-follows-p))
  "C-e" `(menu-item "" fim-lsp-accept-line :filter ,(fim-lsp--unless #'fim-lsp--text-follows-p))
  "M-n" #'fim-lsp-next
  "M-p" #'fim-lsp-previous
  "C-g" #'fim-lsp-dismiss)

(defvar fim-lsp--emulation `((fim-lsp--showing . ,fim-lsp-active-map))
  "Puts `fim-lsp-active-map' above the keys of other modes.")

;;;###autoload
(define-minor-mode fim-lsp-mode
  "Ghost text completion from the language server fim-lsp."
  :lighter (:eval (and (eq fim-lsp-status-place 'mode-line) (fim-lsp-status)))
  (if fim-lsp-mode (fim-lsp--on) (fim-lsp--off)))

(defun fim-lsp--on ()
  "Switch `fim-lsp-mode' on in the current buffer."
  (add-to-list 'emulation-mode-map-alists 'fim-lsp--emulation)
  (setq fim-lsp--tick (buffer-chars-modified-tick))
  (fim-lsp--hooks #'add-hook)
  (add-hook 'kill-emacs-hook #'fim-lsp-stop)
  (fim-lsp--show-status t)
  (fim-lsp--connect)
  (when fim-lsp--ready
    (fim-lsp--did-open)))

(defun fim-lsp--off ()
  "Switch `fim-lsp-mode' off in the current buffer."
  (fim-lsp--hooks #'remove-hook)
  (fim-lsp--forget)
  (fim-lsp--show-status nil)
  (fim-lsp--did-close))

(defun fim-lsp--hooks (change)
  "Apply CHANGE, `add-hook' or `remove-hook', to our hooks of this buffer."
  (pcase-dolist (`(,hook . ,function)
                 '((before-change-functions . fim-lsp--before-change)
                   (after-change-functions . fim-lsp--after-change)
                   (post-command-hook . fim-lsp--after-command)
                   (after-save-hook . fim-lsp--did-save)
                   (kill-buffer-hook . fim-lsp--did-close)
                   (change-major-mode-hook . fim-lsp--off)))
    (if (eq change #'add-hook)
        (add-hook hook function nil t)
      (remove-hook hook function t))))


;;; Other clients

(defvar eglot-server-programs)
(declare-function lsp-register-client "lsp-mode")
(declare-function make-lsp-client "lsp-mode")
(declare-function lsp-stdio-connection "lsp-mode")

;;;###autoload
(defun fim-lsp-setup-eglot (&rest modes)
  "Have Eglot start fim-lsp in the major MODES, instead of another server.
Eglot shows completions in the menu only, and has one server a buffer: where
another server is wanted, use `fim-lsp-mode' beside it instead."
  (require 'eglot)
  (add-to-list 'eglot-server-programs (cons modes fim-lsp-command)))

;;;###autoload
(defun fim-lsp-setup-lsp-mode ()
  "Have lsp-mode start fim-lsp beside its other servers.
From its version 10 on, lsp-mode shows ghost text by itself."
  (require 'lsp-mode)
  (lsp-register-client
   (make-lsp-client
    :new-connection (lsp-stdio-connection (lambda () fim-lsp-command))
    :activation-fn (lambda (&rest _) t)
    :initialization-options (lambda () (or fim-lsp-settings (make-hash-table)))
    :server-id 'fim-lsp
    :priority -2
    :add-on? t)))

(provide 'fim-lsp)
;;; fim-lsp.el ends here
