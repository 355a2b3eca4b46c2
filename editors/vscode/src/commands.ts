/** The commands, and the menu behind the status bar item. */

import * as vscode from 'vscode';
import type { Client } from './client';
import { SECTION } from './settings';
import { sentence } from './status';

/** One line of the server's answer to `fim-lsp.why`. */
interface Decision {
  line: number;
  column: number;
  shown: number;
  explanation?: string;
  provider?: string;
  detail?: string;
}

const WALKTHROUGH = 'fim-lsp.fim-lsp#start';

export function registerCommands(client: Client, log: vscode.LogOutputChannel): vscode.Disposable[] {
  const commands: Record<string, () => unknown> = {
    'fimLsp.menu': () => menu(client),
    'fimLsp.toggle': () => client.execute('fim-lsp.toggle'),
    'fimLsp.snooze': () => snooze(client),
    'fimLsp.toggleLanguage': toggleLanguage,
    'fimLsp.why': () => why(client),
    'fimLsp.clear': () => client.execute('fim-lsp.clear'),
    'fimLsp.restart': () => client.restart(),
    'fimLsp.showLog': () => log.show(),
    'fimLsp.openSettings': () => vscode.commands.executeCommand('workbench.action.openSettings', '@ext:fim-lsp.fim-lsp'),
    'fimLsp.walkthrough': () => vscode.commands.executeCommand('workbench.action.openWalkthrough', WALKTHROUGH),
  };
  return Object.entries(commands).map(([id, act]) => vscode.commands.registerCommand(id, act));
}

async function menu(client: Client): Promise<void> {
  const language = vscode.window.activeTextEditor?.document.languageId;
  const entries = [
    { label: '$(circle-slash) Switch on or off', command: 'fimLsp.toggle' },
    { label: '$(clock) Snooze…', command: 'fimLsp.snooze' },
    ...(language
      ? [{ label: `$(symbol-property) Switch ${language} on or off`, command: 'fimLsp.toggleLanguage' }]
      : []),
    { label: '$(question) Why nothing, why this?', command: 'fimLsp.why' },
    { label: '$(key) Set API key…', command: 'fimLsp.setKey' },
    { label: '$(output) Show log', command: 'fimLsp.showLog' },
    { label: '$(gear) Settings', command: 'fimLsp.openSettings' },
    { label: '$(debug-restart) Restart the server', command: 'fimLsp.restart' },
  ];
  const choice = await vscode.window.showQuickPick(entries, { title: sentence(client.state) });
  if (choice) await vscode.commands.executeCommand(choice.command);
}

async function snooze(client: Client): Promise<void> {
  const entries = [5, 15, 60, 0].map((minutes) => ({
    label: minutes === 0 ? 'Wake up' : `${minutes} minutes`,
    minutes,
  }));
  const choice = await vscode.window.showQuickPick(entries, { title: 'No suggestions for' });
  if (choice) await client.execute('fim-lsp.snooze', choice.minutes);
}

async function toggleLanguage(): Promise<void> {
  const language = vscode.window.activeTextEditor?.document.languageId;
  if (!language) return;
  const configuration = vscode.workspace.getConfiguration(SECTION);
  const languages = configuration.inspect<Record<string, object>>('languages')?.globalValue ?? {};
  const before = (languages[language] as { enabled?: boolean } | undefined)?.enabled ?? true;
  const after = { ...languages, [language]: { ...languages[language], enabled: !before } };
  await configuration.update('languages', after, vscode.ConfigurationTarget.Global);
  void vscode.window.setStatusBarMessage(`fim-lsp is ${before ? 'off' : 'on'} for ${language}`, 5000);
}

async function why(client: Client): Promise<void> {
  const decisions = (await client.execute<Decision[]>('fim-lsp.why')) ?? [];
  const entries: vscode.QuickPickItem[] = decisions.map(({ line, column, shown, explanation, provider, detail }) => ({
    label: shown > 0 ? `Shown, from ${provider}` : (explanation ?? 'Nothing'),
    description: `line ${line + 1}, column ${column + 1}`,
    detail: detail ?? '',
  }));
  const title = 'The last decisions, newest first';
  await vscode.window.showQuickPick(entries.length > 0 ? entries : [{ label: 'Nothing was asked yet' }], { title });
}
