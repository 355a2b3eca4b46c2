/** The status bar item: idle, busy, paused, error or off, with the reason. A click opens the menu. */

import * as vscode from 'vscode';

/** The body of `fim-lsp/status`. */
export interface ServerStatus {
  state: 'idle' | 'busy' | 'paused' | 'error' | 'off';
  reason?: string | null;
  provider?: string;
  message?: string;
}

const ICONS = {
  idle: '$(sparkle)',
  busy: '$(loading~spin)',
  paused: '$(debug-pause)',
  error: '$(error)',
  off: '$(circle-slash)',
};

export class StatusItem implements vscode.Disposable {
  last: ServerStatus = { state: 'off' };
  private readonly item = vscode.window.createStatusBarItem('fimLsp.status', vscode.StatusBarAlignment.Right, 100);

  constructor() {
    this.item.name = 'fim-lsp';
    this.item.command = 'fimLsp.menu';
    this.item.show();
  }

  show(status: ServerStatus): void {
    this.last = status;
    this.item.text = `${ICONS[status.state] ?? ICONS.idle} fim`;
    this.item.tooltip = [sentence(status), status.provider && `Text comes from ${status.provider}.`]
      .filter(Boolean)
      .join('\n');
    this.item.backgroundColor =
      status.state === 'error' ? new vscode.ThemeColor('statusBarItem.warningBackground') : undefined;
  }

  dispose(): void {
    this.item.dispose();
  }
}

export function sentence(status: ServerStatus): string {
  return `fim-lsp: ${status.message || status.reason || status.state}`;
}
