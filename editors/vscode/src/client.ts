/** The connection to the language server: which documents it sees, what it is told, and what happens when it dies. */

import * as path from 'node:path';
import * as vscode from 'vscode';
import {
  CloseAction,
  ErrorAction,
  LanguageClient,
  State,
  type ClientCapabilities,
  type CloseHandlerResult,
  type ErrorHandler,
  type ExecutableOptions,
  type LanguageClientOptions,
  type Middleware,
  type StaticFeature,
} from 'vscode-languageclient/node';
import { followed } from './dropped';
import type { Keys } from './keys';
import { findServer } from './server';
import { chosen, SECTION } from './settings';
import type { ServerStatus, StatusItem } from './status';

/** Files wherever they are, unsaved ones, and notebook cells; not output panes, diffs or the search editor. */
const DOCUMENTS = [
  { scheme: 'file' },
  { scheme: 'untitled' },
  { scheme: 'vscode-remote' },
  { scheme: 'vscode-notebook-cell' },
];
const MOST_DEATHS = 4;
const WITHIN_MS = 3 * 60_000;

export class Client {
  private connection: LanguageClient | undefined;
  private deaths: number[] = [];

  constructor(
    private readonly context: vscode.ExtensionContext,
    private readonly log: vscode.LogOutputChannel,
    private readonly status: StatusItem,
    private readonly keys: Keys,
  ) {
    context.subscriptions.push(
      vscode.workspace.onDidChangeConfiguration((change) => this.configured(change)),
      this.keys.onDidChange(() => void this.restart()),
    );
  }

  async start(): Promise<void> {
    this.status.show({ state: 'busy', message: 'Starting' });
    try {
      const command = await findServer(this.context, this.log);
      this.connection = this.connect(command, await this.keys.environment());
      await this.connection.start();
      this.log.info(`started ${command.join(' ')}`);
    } catch (error) {
      this.failed(error instanceof Error ? error.message : String(error));
    }
  }

  async stop(): Promise<void> {
    const connection = this.connection;
    this.connection = undefined;
    if (connection?.state === State.Running || connection?.state === State.Starting) {
      await connection.stop().catch((error: unknown) => this.log.warn(String(error)));
    }
    await connection?.dispose().catch(() => undefined);
  }

  async restart(): Promise<void> {
    this.deaths = [];
    await this.stop();
    await this.start();
  }

  /** Have the server execute one of its commands. */
  async execute<T>(command: string, ...args: unknown[]): Promise<T | undefined> {
    if (this.connection?.state !== State.Running) {
      void vscode.window.showWarningMessage('fim-lsp is not running.', 'Restart').then((choice) => {
        if (choice) void this.restart();
      });
      return undefined;
    }
    return this.connection.sendRequest<T>('workspace/executeCommand', { command, arguments: args });
  }

  get state(): ServerStatus {
    return this.status.last;
  }

  private connect(command: string[], keys: Record<string, string>): LanguageClient {
    const [program = '', ...args] = command;
    const options: ExecutableOptions = {
      cwd: path.dirname(this.context.globalStorageUri.fsPath), // not the workspace: it may hold anything
      env: { ...process.env, ...keys },
    };
    const connection = new LanguageClient('fim-lsp', 'fim-lsp', { command: program, args, options }, this.options());
    connection.registerFeature(declareStatus);
    connection.onNotification('fim-lsp/status', (status: ServerStatus) => this.status.show(status));
    connection.onDidChangeState(({ newState }) => {
      if (newState === State.Running) this.status.show({ state: 'idle' });
    });
    return connection;
  }

  private options(): LanguageClientOptions {
    return {
      documentSelector: DOCUMENTS,
      outputChannel: this.log,
      initializationOptions: chosen(undefined),
      errorHandler: this.errorHandler(),
      middleware: this.middleware(),
    };
  }

  /** Settings go out as the user set them, so that defaults do not hide the user's and the project's own files. */
  private middleware(): Middleware {
    const inEditor = (document: vscode.TextDocument) => !this.isOwnFile(document.uri);
    return {
      workspace: {
        configuration: (params) =>
          params.items.map((item) => chosen(item.scopeUri ? vscode.Uri.parse(item.scopeUri) : undefined)),
        didChangeConfiguration: async () => {}, // `configured` has it asked for instead
      },
      didOpen: async (document, next) => {
        if (inEditor(document)) await next(document);
      },
      didChange: async (change, next) => {
        if (inEditor(change.document)) await next(change);
      },
      didSave: async (document, next) => {
        if (inEditor(document)) await next(document);
      },
      didClose: async (document, next) => {
        if (inEditor(document)) await next(document);
      },
      provideInlineCompletionItems: (document, position, context, token, next) =>
        inEditor(document)
          ? followed(document, position, context, token, (asked) => next(document, position, asked, token))
          : undefined,
    };
  }

  /** VS Code's own files, such as the user's settings.json: remote and web windows open them as plain files. */
  private isOwnFile(uri: vscode.Uri): boolean {
    const user = path.resolve(this.context.globalStorageUri.fsPath, '..', '..');
    return uri.scheme === 'file' && uri.fsPath.startsWith(user + path.sep);
  }

  private errorHandler(): ErrorHandler {
    return {
      error: () => ({ action: ErrorAction.Continue }),
      closed: () => this.died(),
    };
  }

  private died(): CloseHandlerResult {
    const now = Date.now();
    this.deaths = [...this.deaths.filter((at) => now - at < WITHIN_MS), now];
    if (this.deaths.length > MOST_DEATHS) {
      this.failed('The server keeps ending');
      return { action: CloseAction.DoNotRestart, handled: true };
    }
    this.status.show({ state: 'error', message: 'The server ended; starting it again' });
    void vscode.window.showWarningMessage('fim-lsp ended; it is being started again.');
    return { action: CloseAction.Restart, handled: true };
  }

  private failed(message: string): void {
    this.status.show({ state: 'error', message });
    this.log.error(message);
    void vscode.window.showErrorMessage(`fim-lsp: ${message}`, 'Show log', 'Restart').then((choice) => {
      if (choice === 'Show log') this.log.show();
      if (choice === 'Restart') void this.restart();
    });
  }

  private configured(change: vscode.ConfigurationChangeEvent): void {
    if (change.affectsConfiguration(`${SECTION}.server`)) {
      void this.restart();
    } else if (change.affectsConfiguration(SECTION) && this.connection?.state === State.Running) {
      void this.connection.sendNotification('workspace/didChangeConfiguration', { settings: null });
    }
  }
}

const declareStatus: StaticFeature = {
  fillClientCapabilities(capabilities: ClientCapabilities) {
    capabilities.experimental = { ...(capabilities.experimental as object), fimLsp: { status: true } };
  },
  initialize() {},
  getState: () => ({ kind: 'static' }),
  clear() {},
};
