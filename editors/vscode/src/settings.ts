/** What the user has set, as the server wants it: only that, in the shape of the server's config file. */

import * as vscode from 'vscode';

export const SECTION = 'fim-lsp';

/** Ours alone; the server does not know them. */
const EXTENSION_ONLY = ['server.command', 'server.python', 'tabInIndentation'];

type Tree = { [key: string]: unknown };

/** The settings that are set anywhere, for the resource, as one tree. */
export function chosen(scope: vscode.Uri | undefined): Tree {
  const configuration = vscode.workspace.getConfiguration(SECTION, scope);
  const tree: Tree = {};
  for (const key of keys()) {
    const value = set(configuration.inspect(key));
    if (value !== undefined) plant(tree, key.split('.'), value);
  }
  return tree;
}

function keys(): string[] {
  const manifest = vscode.extensions.getExtension('fim-lsp.fim-lsp')?.packageJSON as Tree | undefined;
  const contributes = manifest?.['contributes'] as { configuration: { properties: Tree } } | undefined;
  return Object.keys(contributes?.configuration.properties ?? {})
    .map((name) => name.slice(SECTION.length + 1))
    .filter((key) => !EXTENSION_ONLY.includes(key));
}

type Inspected = ReturnType<vscode.WorkspaceConfiguration['inspect']>;

function set(inspected: Inspected): unknown {
  return inspected?.workspaceFolderValue ?? inspected?.workspaceValue ?? inspected?.globalValue;
}

function plant(tree: Tree, path: string[], value: unknown): void {
  const [head = '', ...rest] = path;
  if (rest.length === 0) {
    tree[head] = value;
  } else {
    plant((tree[head] ??= {}) as Tree, rest, value);
  }
}
