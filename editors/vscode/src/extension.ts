/** fim-lsp for VS Code: starts the language server, shows its state, and hands it settings and keys. */

import * as vscode from 'vscode';
import { Client } from './client';
import { registerCommands } from './commands';
import { watchIndentation } from './indentation';
import { Keys } from './keys';
import { StatusItem } from './status';

let client: Client | undefined;

export async function activate(context: vscode.ExtensionContext): Promise<void> {
  const log = vscode.window.createOutputChannel('fim-lsp', { log: true });
  const status = new StatusItem();
  client = new Client(context, log, status, new Keys(context));
  context.subscriptions.push(log, status, watchIndentation(), ...registerCommands(client, log));
  await client.start();
}

export async function deactivate(): Promise<void> {
  await client?.stop();
}
