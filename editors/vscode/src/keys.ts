/**
 * API keys in VS Code's secret storage. The server reads keys from its environment, so it gets them there:
 * not in a settings file, not in a message.
 */

import * as vscode from 'vscode';

/** What may be set: the variable that the server reads, and who gives such keys. */
const VARIABLES: Record<string, string> = {
  MISTRAL_API_KEY: 'Mistral (api.mistral.ai)',
  CODESTRAL_API_KEY: 'Codestral (codestral.mistral.ai)',
};

export class Keys {
  private readonly changed = new vscode.EventEmitter<void>();
  readonly onDidChange = this.changed.event;

  constructor(private readonly context: vscode.ExtensionContext) {
    context.subscriptions.push(
      this.changed,
      vscode.commands.registerCommand('fimLsp.setKey', () => this.set()),
      vscode.commands.registerCommand('fimLsp.removeKey', () => this.remove()),
    );
  }

  async environment(): Promise<Record<string, string>> {
    const keys: Record<string, string> = {};
    for (const variable of Object.keys(VARIABLES)) {
      const key = await this.context.secrets.get(variable);
      if (key) keys[variable] = key;
    }
    return keys;
  }

  private async set(): Promise<void> {
    const variable = await choose('Whose key is it?');
    if (!variable) return;
    const key = await vscode.window.showInputBox({
      title: `Key for ${VARIABLES[variable]}`,
      prompt: 'It is kept in the secret storage of VS Code and handed to the server only.',
      password: true,
      ignoreFocusOut: true,
    });
    if (!key?.trim()) return;
    await this.context.secrets.store(variable, key.trim());
    this.changed.fire();
  }

  private async remove(): Promise<void> {
    const variable = await choose('Which key is to be removed?');
    if (!variable) return;
    await this.context.secrets.delete(variable);
    this.changed.fire();
  }
}

async function choose(title: string): Promise<string | undefined> {
  const items = Object.entries(VARIABLES).map(([description, label]) => ({ label, description }));
  return (await vscode.window.showQuickPick(items, { title }))?.description;
}
