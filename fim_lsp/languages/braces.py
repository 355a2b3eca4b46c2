"""Languages whose blocks stand in braces."""

from __future__ import annotations

from fim_lsp.languages.families import (
    BACKTICK,
    C_MARKS,
    C_WORDS,
    HASH,
    JS_WORDS,
    ONLY_DOUBLE,
    PYTHON_LONG,
    SLASHES,
    SUBSTITUTIONS,
    TRIPLE,
    TS_WORDS,
    c_like,
    language,
)
from fim_lsp.languages.record import Language

BRACES: tuple[Language, ...] = (
    c_like(
        "c",
        "C",
        C_WORDS + "bool true false NULL restrict _Static_assert",
        "else case default",
        extensions=".c .h",
        tree_sitter="tree_sitter_c:language",
    ),
    c_like(
        "cpp",
        "C++",
        C_WORDS + "alignas auto bool catch class concept consteval constexpr decltype delete explicit export false "
        "final friend mutable namespace new noexcept nullptr operator override private protected public requires "
        "static_cast std template this throw true try typename using virtual",
        "else case default catch",
        aliases="c++ cxx arduino",
        extensions=".cpp .cc .cxx .hpp .hh .hxx .ipp .ino .inl",
        tree_sitter="tree_sitter_cpp:language",
    ),
    c_like(
        "cuda-cpp",
        "CUDA",
        C_WORDS + "__device__ __global__ __host__ __shared__ auto bool class constexpr namespace template typename",
        aliases="cuda",
        extensions=".cu .cuh",
    ),
    c_like(
        "objective-c",
        "Objective-C",
        C_WORDS + "BOOL YES NO id instancetype nil nonatomic self strong super weak",
        aliases="objc objectivec",
        extensions=".m",
    ),
    c_like(
        "objective-cpp",
        "Objective-C++",
        C_WORDS + "BOOL YES NO id instancetype nil nonatomic self strong super weak class namespace template",
        aliases="objcpp",
        extensions=".mm",
    ),
    c_like(
        "csharp",
        "C#",
        C_WORDS + "abstract as async await base bool byte catch checked class decimal delegate event explicit false "
        "finally fixed foreach get implicit in init interface internal is lock namespace new null object operator out "
        "override params private protected public readonly record ref required sealed set string this throw true try "
        "typeof using value var virtual when where yield",
        long_strings=(('"""', '"""'),),
        aliases="cs c#",
        extensions=".cs .csx",
        tree_sitter="tree_sitter_c_sharp:language",
    ),
    c_like(
        "java",
        "Java",
        "abstract assert boolean break byte case catch char class const continue default do double else enum extends "
        "false final finally float for if implements import instanceof int interface long native new null package "
        "permits private protected public record return sealed short static strictfp super switch synchronized this "
        "throw throws transient true try var void volatile while yield",
        long_strings=TRIPLE,
        extensions=".java",
        tree_sitter="tree_sitter_java:language",
    ),
    c_like(
        "kotlin",
        "Kotlin",
        "abstract actual annotation as break by catch class companion const constructor continue crossinline data do "
        "else enum expect false final finally for fun get if import in infix init inline inner interface internal is "
        "it lateinit null object open operator out override package private protected public reified return sealed "
        "set super suspend this throw true try typealias val var vararg when where while",
        "else catch finally",
        long_strings=TRIPLE,
        aliases="kt",
        extensions=".kt .kts",
        tree_sitter="tree_sitter_kotlin:language",
    ),
    c_like(
        "scala",
        "Scala",
        "abstract case catch class def do else enum extends extension false final finally for given if implicit "
        "import lazy match new null object override package private protected return sealed super then this throw "
        "trait true try type using val var while with yield",
        "else case catch finally",
        strings=ONLY_DOUBLE,
        long_strings=TRIPLE,
        aliases="sbt",
        extensions=".scala .sc .sbt",
        tree_sitter="tree_sitter_scala:language",
    ),
    c_like(
        "groovy",
        "Groovy",
        "as assert break case catch class continue def default do else enum extends false final finally for if "
        "implements import in instanceof interface new null package private protected public return static super "
        "switch this throw throws trait true try var void while",
        long_strings=PYTHON_LONG,
        aliases="gradle jenkinsfile",
        extensions=".groovy .gradle",
        filenames="jenkinsfile",
        literals=SLASHES,
    ),
    c_like(
        "javascript",
        "JavaScript",
        JS_WORDS,
        long_strings=BACKTICK,
        word_marks="$",
        aliases="js node",
        tags=True,
        extensions=".js .mjs .cjs",
        tree_sitter="tree_sitter_javascript:language",
        literals=SLASHES,
    ),
    c_like(
        "javascriptreact",
        "JavaScript (JSX)",
        JS_WORDS,
        block_comment=(("{/*", "*/}"), ("/*", "*/")),
        strings=ONLY_DOUBLE,
        long_strings=BACKTICK,
        word_marks="$",
        aliases="jsx",
        tags=True,
        extensions=".jsx",
        tree_sitter="tree_sitter_javascript:language",
        literals=SLASHES,
    ),
    c_like(
        "typescript",
        "TypeScript",
        TS_WORDS,
        long_strings=BACKTICK,
        word_marks="$",
        aliases="ts",
        extensions=".ts .mts .cts",
        tree_sitter="tree_sitter_typescript:language_typescript",
        literals=SLASHES,
    ),
    c_like(
        "typescriptreact",
        "TypeScript (TSX)",
        TS_WORDS,
        block_comment=(("{/*", "*/}"), ("/*", "*/")),
        strings=ONLY_DOUBLE,
        long_strings=BACKTICK,
        word_marks="$",
        aliases="tsx",
        tags=True,
        extensions=".tsx",
        tree_sitter="tree_sitter_typescript:language_tsx",
        literals=SLASHES,
    ),
    c_like(
        "go",
        "Go",
        "any append bool break byte case chan const continue copy default defer else error fallthrough false for func "
        "go goto if import int interface iota len make map new nil package range return rune select string struct "
        "switch true type var",
        "else case default",
        long_strings=BACKTICK,
        aliases="golang",
        extensions=".go",
        tree_sitter="tree_sitter_go:language",
    ),
    language(
        "go.mod",
        "Go module",
        "brace",
        "module go require replace exclude retract",
        line_comment=("//",),
        strings=ONLY_DOUBLE,
        aliases="gomod",
        filenames="go.mod go.work",
    ),
    c_like(
        "rust",
        "Rust",
        "as async await break const continue crate dyn else enum extern false fn for if impl in let loop match mod "
        "move mut pub ref return self Self static struct super trait true type unsafe use where while",
        "else",
        strings=(),
        long_strings=(('r#"', '"#'), ('"', '"')),
        aliases="rs",
        extensions=".rs",
        tree_sitter="tree_sitter_rust:language",
    ),
    c_like(
        "swift",
        "Swift",
        "actor any as associatedtype async await break case catch class continue default defer deinit do else enum "
        "extension fallthrough false fileprivate final for func guard if import in init inout internal is lazy let "
        "mutating nil open operator override private protocol public repeat rethrows return self Self some static "
        "struct subscript super switch throw throws true try typealias var weak where while",
        strings=ONLY_DOUBLE,
        long_strings=TRIPLE,
        extensions=".swift",
    ),
    c_like(
        "dart",
        "Dart",
        "abstract as assert async await break case catch class const continue covariant default deferred do dynamic "
        "else enum export extends extension external factory false final finally for get hide if implements import in "
        "interface is late library mixin new null on operator part required rethrow return sealed set show static "
        "super switch sync this throw true try typedef var void while with yield",
        long_strings=PYTHON_LONG,
        extensions=".dart",
    ),
    c_like(
        "php",
        "PHP",
        "abstract and array as bool break callable case catch class clone const continue declare default do echo else "
        "elseif empty enum extends false final finally fn for foreach function global if implements include "
        "instanceof insteadof int interface isset list match namespace new null or print private protected public "
        "readonly require return self static string switch this throw trait true try unset use var void while yield",
        "else elseif case default catch finally",
        line_comment=("//", "#"),
        word_marks="$",
        tags=True,
        extensions=".php .phtml",
        tree_sitter="tree_sitter_php:language_php",
    ),
    c_like(
        "hack",
        "Hack",
        "async await class const enum extends final for foreach function if implements interface "
        "namespace new null private protected public return shape static this throw trait try type use vec dict keyset",
        word_marks="$",
        extensions=".hack .hhi",
    ),
    c_like(
        "zig",
        "Zig",
        "align allowzero and anyerror anytype async await break catch comptime const continue defer else enum errdefer "
        "error export extern false fn for if inline noalias null or orelse packed pub return struct switch test true "
        "try undefined union unreachable usize var void volatile while",
        "else",
        block_comment=(),
        extensions=".zig .zon",
    ),
    c_like(
        "d",
        "D",
        C_WORDS + "alias auto bool class foreach immutable import module mixin null pure ref string template "
        "this true false try unittest",
        long_strings=BACKTICK,
        extensions=".d .di",
    ),
    c_like(
        "vala",
        "Vala",
        C_WORDS + "class foreach get set namespace new null private public protected signal string this "
        "throws true false try using var",
        long_strings=TRIPLE,
        extensions=".vala .vapi",
    ),
    language(
        "v",
        "V",
        "brace",
        "as assert break const continue defer else enum false fn for go if import in interface "
        "is lock map match module mut none or pub return select shared struct true type unsafe",
        "else",
        **C_MARKS,
        aliases="vlang",
        extensions=".vv .vsh",
    ),
    c_like(
        "odin",
        "Odin",
        "break case cast context continue defer distinct do dynamic else enum fallthrough for foreign if "
        "import in map matrix nil or_else or_return package proc return struct switch typeid union using when",
        long_strings=BACKTICK,
        extensions=".odin",
    ),
    c_like(
        "solidity",
        "Solidity",
        "abstract address bool bytes calldata constant constructor contract else emit enum error "
        "event external false for function if immutable import indexed interface internal is library mapping memory "
        "modifier new override payable pragma private public pure require return returns revert storage string struct "
        "true uint256 using view virtual while",
        extensions=".sol",
    ),
    c_like(
        "glsl",
        "GLSL",
        C_WORDS + "attribute in layout mat4 out sampler2D uniform varying vec2 vec3 vec4 precision",
        extensions=".glsl .vert .frag .geom .comp",
    ),
    c_like(
        "hlsl", "HLSL", C_WORDS + "cbuffer float2 float3 float4 float4x4 SamplerState Texture2D", extensions=".hlsl .fx"
    ),
    c_like(
        "wgsl",
        "WGSL",
        "array binding const else enable f32 fn for group if let loop mat4x4 override return storage "
        "struct switch u32 uniform var vec2 vec3 vec4 while",
        strings=(),
        extensions=".wgsl",
    ),
    c_like("shaderlab", "ShaderLab", "Shader Properties SubShader Pass Tags CGPROGRAM ENDCG", extensions=".shader"),
    c_like(
        "systemverilog",
        "SystemVerilog",
        "always always_comb always_ff assign begin bit case class default else end "
        "endcase endclass endfunction endmodule endtask for forever function if import initial inout input integer "
        "interface localparam logic module negedge output package parameter posedge reg return task typedef wire",
        "else default",
        strings=ONLY_DOUBLE,
        openers="begin case module function task class",
        closers="end endcase endmodule endfunction endtask endclass endpackage endinterface",
        aliases="verilog",
        extensions=".sv .svh .v .vh",
    ),
    c_like(
        "proto3",
        "Protocol Buffers",
        "bool bytes double enum extend fixed32 fixed64 float import int32 int64 map message "
        "oneof option optional package public repeated required reserved returns rpc service stream string syntax "
        "uint32 uint64",
        "",
        aliases="proto protobuf proto2",
        extensions=".proto",
    ),
    c_like(
        "thrift",
        "Thrift",
        "binary bool byte const double enum exception extends i16 i32 i64 include list map namespace "
        "optional required service set string struct throws typedef union void",
        "",
        extensions=".thrift",
    ),
    language(
        "graphql",
        "GraphQL",
        "brace",
        "directive enum extend fragment implements input interface mutation on "
        "query scalar schema subscription type union",
        **HASH,
        strings=ONLY_DOUBLE,
        long_strings=TRIPLE,
        aliases="gql",
        extensions=".graphql .gql .graphqls",
    ),
    language(
        "prisma", "Prisma", "brace", "datasource enum generator model type", line_comment=("//",), extensions=".prisma"
    ),
    c_like(
        "css",
        "CSS",
        "important inherit initial none auto media import keyframes",
        "",
        line_comment=(),
        word_marks="-",
        extensions=".css",
        tree_sitter="tree_sitter_css:language",
    ),
    c_like(
        "scss",
        "SCSS",
        "include mixin extend function if else each for return use forward",
        "else",
        word_marks="-$",
        aliases="postcss",
        extensions=".scss .pcss",
    ),
    c_like("less", "Less", "import media when and not", "", word_marks="-", extensions=".less"),
    language(
        "json",
        "JSON",
        "brace",
        "true false null",
        strings=ONLY_DOUBLE,
        extensions=".json .webmanifest .geojson .ipynb",
        filenames=".prettierrc .eslintrc",
        tree_sitter="tree_sitter_json:language",
    ),
    c_like(
        "jsonc",
        "JSON with comments",
        "true false null",
        "",
        strings=ONLY_DOUBLE,
        aliases="json5 hjson",
        extensions=".jsonc .json5 .code-workspace",
        filenames="tsconfig.json",
        tree_sitter="tree_sitter_json:language",
    ),
    language(
        "jsonnet",
        "Jsonnet",
        "brace",
        "assert else error false for function if import importstr in local null self super tailstrict then true",
        "else",
        line_comment=("//", "#"),
        block_comment=(("/*", "*/"),),
        long_strings=(("|||", "|||"),),
        extensions=".jsonnet .libsonnet",
    ),
    language(
        "terraform",
        "Terraform",
        "brace",
        "data each else false for for_each if in locals module null output provider resource true variable",
        line_comment=("#", "//"),
        block_comment=(("/*", "*/"),),
        strings=ONLY_DOUBLE,
        aliases="hcl tf terraform-vars opentofu",
        extensions=".tf .tfvars .hcl",
        word_marks="-",
    ),
    language(
        "bicep",
        "Bicep",
        "brace",
        "existing false for if import in module null output param resource targetScope true type var",
        **C_MARKS,
        strings=("'",),
        extensions=".bicep",
    ),
    language(
        "nix",
        "Nix",
        "brace",
        "assert else false if import in inherit let null or rec then true with",
        "else",
        **HASH,
        block_comment=(("/*", "*/"),),
        strings=(),
        long_strings=(("''", "''"), ('"', '"')),
        word_marks="-'",
        extensions=".nix",
    ),
    language(
        "perl",
        "Perl",
        "brace",
        "and cmp continue do each else elsif eq foreach for if keys last local my ne "
        "next no not or our package print push qw return scalar shift sub undef unless until use values while",
        "else elsif",
        **HASH,
        word_marks="$@%",
        extensions=".pl .pm .t",
        literals=SUBSTITUTIONS + SLASHES,
    ),
    language(
        "raku",
        "Raku",
        "brace",
        "class does else elsif for given gather grammar has if is loop method multi my "
        "our return role rule self sub take token unless use when while",
        "else elsif",
        **HASH,
        aliases="perl6",
        word_marks="-'$@%",
        extensions=".raku .rakumod .p6",
        literals=SLASHES,
    ),
    language(
        "powershell",
        "PowerShell",
        "brace",
        "begin break catch class continue data do dynamicparam else elseif "
        "end enum exit filter finally for foreach from function if in param process return switch throw trap try "
        "until using while",
        "else elseif catch finally",
        **HASH,
        block_comment=(("<#", "#>"),),
        long_strings=(('@"', '"@'), ("@'", "'@")),
        escape="`",
        word_marks="-$",
        aliases="ps1",
        extensions=".ps1 .psm1 .psd1",
    ),
    language(
        "r",
        "R",
        "brace",
        "break else FALSE for function if in Inf library NA NaN next NULL repeat return TRUE while",
        "else",
        **HASH,
        word_marks=".",
        aliases="rlang",
        extensions=".r",
        filenames=".rprofile",
    ),
    language(
        "awk",
        "AWK",
        "brace",
        "BEGIN END break continue delete do else exit for function getline gsub if in "
        "length match next print printf return split sub substr while",
        "else",
        **HASH,
        strings=ONLY_DOUBLE,
        extensions=".awk .gawk",
        literals=SLASHES,
    ),
    language(
        "tcl",
        "Tcl",
        "brace",
        "array break catch continue else elseif expr for foreach global if incr lappend "
        "list namespace package proc puts return set string switch upvar variable while",
        "else elseif",
        **HASH,
        strings=ONLY_DOUBLE,
        extensions=".tcl",
    ),
    language(
        "nginx",
        "nginx",
        "brace",
        "events http if listen location map proxy_pass return rewrite root server server_name set try_files upstream",
        **HASH,
        extensions=".nginx",
        filenames="nginx.conf",
    ),
    language("caddyfile", "Caddyfile", "brace", "", **HASH, filenames="caddyfile"),
    language(
        "ocaml",
        "OCaml",
        "brace",
        "and as assert begin class constraint do done else end exception external false "
        "for fun function functor if in include inherit initializer lazy let match method module mutable new "
        "nonrec object of open or private rec sig struct then to true try type val virtual when while with",
        "else with and",
        block_comment=(("(*", "*)"),),
        strings=ONLY_DOUBLE,
        openers="begin struct sig do object",
        closers="end done",
        aliases="ocaml.interface ocamlinterface",
        extensions=".ml .mli",
        word_marks="'",
    ),
    language(
        "reason",
        "ReasonML",
        "brace",
        "and as assert else external false for fun if in include let module mutable "
        "of open rec switch true try type when while",
        "else",
        **C_MARKS,
        strings=ONLY_DOUBLE,
        aliases="rescript",
        extensions=".re .rei .res .resi",
    ),
    language(
        "erlang",
        "Erlang",
        "end",
        "after and begin case catch cond div else end fun if let maybe not of or "
        "orelse andalso receive rem try when xor",
        "after catch of",
        line_comment=("%",),
        openers="case if receive try begin fun",
        closers="end",
        extensions=".erl .hrl",
    ),
    language(
        "prolog",
        "Prolog",
        "none",
        "dynamic discontiguous is mod module not use_module",
        line_comment=("%",),
        block_comment=(("/*", "*/"),),
        extensions=".pro .prolog .plt",
    ),
)
