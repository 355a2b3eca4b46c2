"""Languages whose blocks end with a word."""

from __future__ import annotations

from fim_lsp.languages.families import CHARACTERS, DASHES, HASH, ONLY_DOUBLE, SIGILS, SLASHES, TRIPLE, language
from fim_lsp.languages.record import Language

WORDS: tuple[Language, ...] = (
    language(
        "ruby",
        "Ruby",
        "end",
        "alias and attr_accessor attr_reader begin break case class def defined do else elsif end ensure extend false "
        "for if in include lambda loop module next nil not or private proc protected public puts raise redo require "
        "require_relative rescue retry return self super then true undef unless until when while yield",
        "else elsif when in rescue ensure",
        **HASH,
        block_comment=(("=begin", "=end"),),
        openers="do def class module if unless case while until for begin",
        closers="end",
        word_marks="?!@$",
        aliases="rb crystal-ecr erb-ruby",
        extensions=".rb .rake .gemspec .ru",
        filenames="gemfile rakefile vagrantfile brewfile podfile",
        tree_sitter="tree_sitter_ruby:language",
        literals=SLASHES + CHARACTERS,
    ),
    language(
        "crystal",
        "Crystal",
        "end",
        "abstract begin break case class def do else elsif end ensure enum extend "
        "false for fun if include lib macro module next nil of out private property puts raise require rescue "
        "return self struct super then true unless until when while with yield",
        "else elsif when rescue ensure",
        **HASH,
        openers="do def class module struct if unless case while begin",
        closers="end",
        word_marks="?!@",
        extensions=".cr",
        literals=SLASHES,
    ),
    language(
        "elixir",
        "Elixir",
        "end",
        "after alias and case catch cond def defimpl defmacro defmodule defp defprotocol defstruct do else end fn "
        "false for if import in nil not or quote raise receive require rescue true try unless unquote use when with",
        "else rescue catch after",
        **HASH,
        strings=ONLY_DOUBLE,
        long_strings=TRIPLE,
        openers="do fn",
        closers="end",
        word_marks="?!@",
        aliases="eelixir heex",
        extensions=".ex .exs",
        literals=CHARACTERS + SIGILS,
    ),
    language(
        "lua",
        "Lua",
        "end",
        "and break do else elseif end false for function goto if in local nil not or repeat return self then true "
        "until while",
        "else elseif",
        **DASHES,
        block_comment=(("--[[", "]]"),),
        long_strings=(("[[", "]]"),),
        openers="do then function repeat",
        closers="end until",
        aliases="luau",
        extensions=".lua .luau .rockspec",
        tree_sitter="tree_sitter_lua:language",
    ),
    language(
        "julia",
        "Julia",
        "end",
        "abstract baremodule begin break catch const continue do else elseif end export false finally for function "
        "global if import in isa let local macro module mutable nothing primitive quote return struct true try type "
        "using where while",
        "else elseif catch finally",
        **HASH,
        block_comment=(("#=", "=#"),),
        strings=ONLY_DOUBLE,
        long_strings=TRIPLE,
        openers="function if for while begin let do try struct module macro quote",
        closers="end",
        word_marks="!",
        extensions=".jl",
    ),
    language(
        "shellscript",
        "Shell",
        "end",
        "break case continue declare do done echo elif else esac eval exec exit export false fi for function if in "
        "local readonly return select set shift source test then trap true until unset while",
        "else elif",
        **HASH,
        openers="do then case",
        closers="fi done esac",
        word_marks="$-",
        aliases="sh bash zsh ksh shell shell-script dash",
        extensions=".sh .bash .zsh .ksh .bats",
        filenames=".bashrc .bash_profile .profile .zshrc .zprofile pkgbuild",
        tree_sitter="tree_sitter_bash:language",
    ),
    language(
        "fish",
        "fish",
        "end",
        "and begin break builtin case command continue else end for function if in not or "
        "return set status switch test while",
        "else case",
        **HASH,
        openers="begin for function if switch while",
        closers="end",
        word_marks="$-",
        extensions=".fish",
    ),
    language(
        "matlab",
        "MATLAB",
        "end",
        "break case catch classdef continue else elseif end enumeration events false "
        "for function global if methods otherwise parfor persistent properties return switch true try while",
        "else elseif case otherwise catch",
        line_comment=("%",),
        block_comment=(("%{", "%}"),),
        escape="",
        strings=ONLY_DOUBLE,
        openers="function if for while switch try parfor classdef methods properties",
        closers="end endfunction endif endfor endwhile",
        aliases="octave",
        extensions=".matlab",
    ),
    language(
        "vb",
        "Visual Basic",
        "end",
        "And As Boolean ByRef ByVal Case Catch Class Const Dim Do Each Else ElseIf "
        "End Enum False Finally For Function Get If Imports In Inherits Integer Interface Is Loop Me Module "
        "Namespace New Next Not Nothing Of Or Private Property Protected Public Return Select Set Shared String "
        "Structure Sub Then True Try Using While With",
        "Else ElseIf Case Catch Finally",
        line_comment=("'",),
        strings=ONLY_DOUBLE,
        escape="",
        openers="Then Sub Function Class Module",
        closers="End Next Loop Wend",
        aliases="vbnet visualbasic vba vbscript",
        extensions=".vb .bas .vbs .cls .frm",
    ),
    language(
        "pascal",
        "Pascal",
        "end",
        "and array as begin case class const constructor destructor div do downto else "
        "end except exit false finally for function if implementation in inherited interface mod nil not of or "
        "private procedure program property public record repeat result string then to true try type unit until "
        "uses var while with",
        "else except finally until",
        line_comment=("//",),
        block_comment=(("{", "}"), ("(*", "*)")),
        brackets=(("(", ")"), ("[", "]")),
        strings=("'",),
        escape="",
        openers="begin case try record class repeat",
        closers="end end; end. until",
        aliases="delphi objectpascal",
        extensions=".pas .pp .dpr .lpr",
    ),
    language(
        "ada",
        "Ada",
        "end",
        "abort abs access all and array at begin body case constant declare else elsif end "
        "entry exception exit for function generic if in is limited loop mod new not null of or others out "
        "package pragma private procedure raise range record return reverse select separate subtype tagged task "
        "terminate then type until use when while with xor",
        "else elsif when exception begin",
        **DASHES,
        strings=ONLY_DOUBLE,
        escape="",
        openers="loop then is begin record declare",
        closers="end",
        extensions=".adb .ads",
    ),
    language(
        "vhdl",
        "VHDL",
        "end",
        "all and architecture array begin case component constant downto else elsif end "
        "entity for function generate generic if in is library loop map not of or others out package port "
        "process range report return select signal std_logic then to type use variable wait when while with",
        "else elsif when",
        **DASHES,
        strings=ONLY_DOUBLE,
        escape="",
        openers="then is loop begin generate process",
        closers="end",
        extensions=".vhd .vhdl",
    ),
    language(
        "fortran",
        "Fortran",
        "end",
        "allocatable allocate call case character complex contains continue cycle "
        "data deallocate dimension do double else elseif end enddo endif exit function if implicit in inout "
        "integer intent interface logical module none only out parameter pointer precision print private "
        "procedure program public pure read real recursive result return save select stop subroutine then type "
        "use where while write",
        "else elseif case contains",
        line_comment=("!",),
        escape="",
        openers="then do program subroutine function module",
        closers="end enddo endif",
        aliases="fortran-modern fortran_fixed-form fortran-free-form fortranfreeform",
        extensions=".f90 .f95 .f03 .f08 .f .for .f77",
    ),
    language(
        "cobol",
        "COBOL",
        "end",
        "ACCEPT ADD CALL COMPUTE DATA DISPLAY DIVIDE DIVISION ELSE END EVALUATE EXIT FILE "
        "IDENTIFICATION IF MOVE MULTIPLY OPEN PERFORM PIC PROCEDURE PROGRAM-ID READ RUN SECTION STOP STORAGE "
        "SUBTRACT THEN TO UNTIL VALUE VARYING WHEN WORKING WRITE",
        "ELSE WHEN",
        line_comment=("*>",),
        word_marks="-",
        closers="END-IF END-PERFORM END-EVALUATE END-READ",
        extensions=".cob .cbl .cpy",
    ),
    language(
        "vim",
        "Vim script",
        "end",
        "autocmd call command const continue else elseif endfor endfunction endif "
        "endtry endwhile execute finally for function if in let map nmap noremap return set try unlet while",
        "else elseif catch finally",
        line_comment=('"',),
        strings=("'", '"'),
        escape="",
        openers="function if for while try",
        closers="endif endfunction endfor endwhile endtry",
        word_marks=":#",
        aliases="viml vimscript",
        extensions=".vim",
        filenames=".vimrc _vimrc",
    ),
    language(
        "cmake",
        "CMake",
        "end",
        "add_executable add_library cmake_minimum_required else elseif endforeach "
        "endfunction endif endmacro endwhile find_package foreach function if include install macro message "
        "option project set target_link_libraries while PUBLIC PRIVATE INTERFACE",
        "else elseif",
        **HASH,
        block_comment=(("#[[", "]]"),),
        strings=ONLY_DOUBLE,
        openers="if foreach function macro while",
        closers="endif endforeach endfunction endmacro endwhile",
        extensions=".cmake",
        filenames="cmakelists.txt",
    ),
    language(
        "bat",
        "Batch",
        "end",
        "call cls echo else errorlevel exist exit for goto if in not pause rem set setlocal endlocal shift",
        "else",
        line_comment=("REM", "::"),
        strings=ONLY_DOUBLE,
        escape="^",
        aliases="dosbatch batch cmd",
        extensions=".bat .cmd",
    ),
    language(
        "applescript",
        "AppleScript",
        "end",
        "application begin considering else end error false from get if in is "
        "not of on property repeat return set tell the then to true try using with",
        "else",
        **DASHES,
        block_comment=(("(*", "*)"),),
        strings=ONLY_DOUBLE,
        openers="tell repeat if on try",
        closers="end",
        extensions=".applescript .scpt",
    ),
    language(
        "sql",
        "SQL",
        "none",
        "add all alter and as asc between by case cast check column constraint create cross default delete desc "
        "distinct drop else end exists foreign from full group having if in index inner insert intersect into is join "
        "key left like limit not null offset on or order outer primary references replace returning right select set "
        "table then union unique update using values view when where with",
        "",
        **DASHES,
        block_comment=(("/*", "*/"),),
        escape="",
        repeated="union all select from where",
        aliases="mysql postgres postgresql pgsql plsql tsql sqlite spark-sql bigquery snowflake dbt",
        extensions=".sql .ddl .psql .pgsql",
    ),
    language(
        "abap",
        "ABAP",
        "end",
        "AND AT BEGIN CALL CASE CATCH CLASS CLEAR DATA DEFINITION DO ELSE ELSEIF END ENDCASE "
        "ENDCLASS ENDDO ENDIF ENDLOOP ENDMETHOD ENDTRY EXPORTING FIELD FORM FROM IF IMPORTING INTO LOOP METHOD "
        "METHODS MOVE OF PRIVATE PUBLIC RETURNING SECTION SELECT TABLE TO TRY TYPE VALUE WHERE WRITE",
        "ELSE ELSEIF CATCH WHEN",
        line_comment=('"',),
        strings=("'", "`"),
        escape="",
        closers="ENDIF. ENDLOOP. ENDMETHOD. ENDCLASS. ENDTRY. ENDCASE. ENDDO.",
        extensions=".abap",
    ),
)
