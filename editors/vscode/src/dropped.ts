/**
 * VS Code drops a request when its completion menu, opened by the same key, closes for want of words, and does not ask
 * again: the user would see nothing until the next key. So it is made to ask once more, in a request that counts as
 * automatic, since nobody has asked by hand.
 */

import * as vscode from 'vscode';

const SETTLES_MS = 100;

type Items = vscode.InlineCompletionItem[] | vscode.InlineCompletionList | null | undefined;

let newest = 0;
let askedAgainAt = '';
let isAskingAgain = false;

/** Follow a request to its answer; if it is dropped while nothing has changed, have VS Code ask again, once a place. */
export async function followed(
  document: vscode.TextDocument,
  position: vscode.Position,
  context: vscode.InlineCompletionContext,
  token: vscode.CancellationToken,
  ask: (context: vscode.InlineCompletionContext) => vscode.ProviderResult<Items>,
): Promise<Items> {
  const mine = ++newest;
  const place = `${document.uri} ${document.version} ${position.line}:${position.character}`;
  const isOurs = isAskingAgain && place === askedAgainAt;
  const triggerKind = isOurs ? vscode.InlineCompletionTriggerKind.Automatic : context.triggerKind;
  isAskingAgain = false;
  const listener = token.onCancellationRequested(() =>
    setTimeout(() => {
      if (mine === newest && place !== askedAgainAt && place === placeOfCursor()) {
        askedAgainAt = place;
        isAskingAgain = true;
        void vscode.commands.executeCommand('editor.action.inlineSuggest.trigger');
      }
    }, SETTLES_MS),
  );
  try {
    return await ask({ ...context, triggerKind });
  } finally {
    if (!token.isCancellationRequested) listener.dispose();
  }
}

function placeOfCursor(): string | undefined {
  const editor = vscode.window.activeTextEditor;
  if (!editor?.selection.isEmpty) return undefined;
  const { line, character } = editor.selection.active;
  return `${editor.document.uri} ${editor.document.version} ${line}:${character}`;
}
