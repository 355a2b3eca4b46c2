/** Keeps the context key by which Tab stays Tab in leading whitespace, ghost text or not. */

import * as vscode from 'vscode';

export function watchIndentation(): vscode.Disposable {
  let last: boolean | undefined;
  const update = (editor: vscode.TextEditor | undefined) => {
    const inIndentation = editor !== undefined && isInIndentation(editor);
    if (inIndentation !== last) {
      last = inIndentation;
      void vscode.commands.executeCommand('setContext', 'fimLsp.inIndentation', inIndentation);
    }
  };
  update(vscode.window.activeTextEditor);
  return vscode.Disposable.from(
    vscode.window.onDidChangeActiveTextEditor(update),
    vscode.window.onDidChangeTextEditorSelection(({ textEditor }) => update(textEditor)),
  );
}

function isInIndentation({ document, selection }: vscode.TextEditor): boolean {
  const { line, character } = selection.active;
  return document.lineAt(line).firstNonWhitespaceCharacterIndex >= character;
}
