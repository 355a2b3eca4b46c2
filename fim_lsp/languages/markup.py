"""Lisps and markup: blocks are parentheses or tags."""

from __future__ import annotations

from fim_lsp.languages.families import BACKTICK, CHARACTERS, JS_WORDS, SLASHES, lisp, markup
from fim_lsp.languages.record import Language

MARKUPS: tuple[Language, ...] = (
    lisp(
        "clojure",
        "Clojure",
        "and case comp cond def defmacro defmethod defmulti defn defn- defprotocol defrecord do "
        "doseq fn for if if-let let loop map nil not ns or partial reduce recur require true false try when when-let",
        aliases="clojurescript edn clj",
        extensions=".clj .cljs .cljc .edn .bb",
    ),
    lisp(
        "lisp",
        "Common Lisp",
        "and car cdr cond cons defclass defgeneric defmacro defmethod defparameter defun "
        "defvar do dolist dotimes eq funcall if lambda let let* list loop mapcar nil not or progn quote return setf "
        "t unless when",
        block_comment=(("#|", "|#"),),
        aliases="common-lisp commonlisp",
        extensions=".lisp .lsp .cl",
    ),
    lisp(
        "emacs-lisp",
        "Emacs Lisp",
        "and car cdr cond cons defcustom defface defgroup defmacro defun defvar dolist "
        "eq funcall if interactive lambda let let* list mapcar nil not or progn provide quote require save-excursion "
        "setq t unless when",
        aliases="elisp emacslisp",
        extensions=".el",
        filenames=".emacs",
        literals=CHARACTERS,
    ),
    lisp(
        "scheme",
        "Scheme",
        "and begin call/cc case cond define define-syntax delay do else if lambda let let* letrec "
        "list map not or quasiquote quote set! syntax-rules",
        block_comment=(("#|", "|#"),),
        aliases="guile",
        extensions=".scm .ss .sld",
    ),
    lisp(
        "racket",
        "Racket",
        "and begin case cond define define-syntax else for if lambda let let* letrec list map "
        "match module not or provide quote require struct unless when",
        block_comment=(("#|", "|#"),),
        extensions=".rkt",
    ),
    lisp(
        "fennel",
        "Fennel",
        "and do each eval-compiler fn for global icollect if import-macros lambda let local "
        "macro match not or require-macros set tset values var when while",
        extensions=".fnl",
    ),
    lisp("query", "Tree-sitter query", "", aliases="tree-sitter-query", extensions=".scm-query"),
    markup(
        "html",
        "HTML",
        "body button class div form head href html id img input label li link meta option script "
        "section select span style table td th title tr ul",
        aliases="htmldjango django-html jinja jinja-html "
        "handlebars mustache erb ejs eruby blade twig liquid html-eex vue-html nunjucks templ",
        extensions=".html .htm .xhtml .hbs .mustache .erb .ejs .twig .liquid .j2 .jinja",
        tree_sitter="tree_sitter_html:language",
        literals=SLASHES,
    ),
    markup(
        "xml",
        "XML",
        "encoding version xmlns",
        aliases="xsl xslt xsd svg plist ant",
        extensions=".xml .xsl .xslt .xsd .svg .plist .csproj .fsproj .vbproj .props .targets .xaml .wsdl .rss .pom",
    ),
    markup(
        "vue",
        "Vue",
        JS_WORDS + "template script style setup",
        line_comment=("//",),
        block_comment=(("<!--", "-->"), ("/*", "*/")),
        long_strings=BACKTICK,
        extensions=".vue",
        literals=SLASHES,
    ),
    markup(
        "svelte",
        "Svelte",
        JS_WORDS + "script style",
        line_comment=("//",),
        block_comment=(("<!--", "-->"), ("/*", "*/")),
        long_strings=BACKTICK,
        extensions=".svelte",
        literals=SLASHES,
    ),
    markup(
        "astro",
        "Astro",
        JS_WORDS,
        line_comment=("//",),
        block_comment=(("<!--", "-->"), ("/*", "*/")),
        long_strings=BACKTICK,
        extensions=".astro .mdx-astro",
        literals=SLASHES,
    ),
    markup(
        "razor",
        "Razor",
        "code if else foreach for model using inject page",
        block_comment=(("@*", "*@"),),
        aliases="aspnetcorerazor cshtml",
        extensions=".cshtml .razor",
    ),
)
