/** Where the server's program is: the setting, PATH, or a virtual environment of our own, made when first needed. */

import { execFile } from 'node:child_process';
import * as fs from 'node:fs/promises';
import * as path from 'node:path';
import { promisify } from 'node:util';
import * as vscode from 'vscode';
import { SECTION } from './settings';

const run = promisify(execFile);
const WINDOWS = process.platform === 'win32';
const NEWEST_FIRST = ['python3', 'python', 'python3.14', 'python3.13', 'python3.12', 'python3.11'];
const OLDEST = [3, 11] as const;

export async function findServer(context: vscode.ExtensionContext, log: vscode.LogOutputChannel): Promise<string[]> {
  const configured = vscode.workspace.getConfiguration(SECTION).get<string[]>('server.command', []);
  if (configured.length > 0) return configured;
  const onPath = await onThePath('fim-lsp');
  if (onPath) return [onPath];
  return [await managed(context, log)];
}

/** The absolute path of a program; relative entries of PATH are passed over, since they may lead into the workspace. */
async function onThePath(name: string): Promise<string | undefined> {
  const folders = (process.env['PATH'] ?? '').split(path.delimiter).filter((folder) => path.isAbsolute(folder));
  for (const folder of folders) {
    const candidate = path.join(folder, WINDOWS ? `${name}.exe` : name);
    if (await exists(candidate)) return candidate;
  }
  return undefined;
}

async function exists(file: string): Promise<boolean> {
  return fs.access(file, fs.constants.X_OK).then(
    () => true,
    () => false,
  );
}

/** The program in our own virtual environment, one for each version of this extension. */
async function managed(context: vscode.ExtensionContext, log: vscode.LogOutputChannel): Promise<string> {
  const version = String(context.extension.packageJSON.version);
  const folder = path.join(context.globalStorageUri.fsPath, `server-${version}`);
  const scripts = path.join(folder, WINDOWS ? 'Scripts' : 'bin');
  const program = path.join(scripts, WINDOWS ? 'fim-lsp.exe' : 'fim-lsp');
  if (await exists(program)) return program;
  const python = await findPython();
  await vscode.window.withProgress(
    { location: vscode.ProgressLocation.Notification, title: 'fim-lsp: setting up its server' },
    async (progress) => {
      try {
        progress.report({ message: 'making a Python environment' });
        await fs.rm(folder, { recursive: true, force: true });
        await execute(log, python, ['-m', 'venv', folder]);
        progress.report({ message: 'installing' });
        const pip = path.join(scripts, WINDOWS ? 'python.exe' : 'python');
        const what = (await bundledWheel(context)) ?? `fim-lsp==${version}`;
        await execute(log, pip, ['-m', 'pip', 'install', '--disable-pip-version-check', what]);
      } catch (error) {
        await fs.rm(folder, { recursive: true, force: true });
        throw error;
      }
    },
  );
  return program;
}

/** The server as it was when this extension was packaged. */
async function bundledWheel(context: vscode.ExtensionContext): Promise<string | undefined> {
  const folder = context.asAbsolutePath('server');
  const files = await fs.readdir(folder).catch(() => [] as string[]);
  const wheel = files.find((file) => file.endsWith('.whl'));
  return wheel && path.join(folder, wheel);
}

async function findPython(): Promise<string> {
  const configured = vscode.workspace.getConfiguration(SECTION).get<string>('server.python', '');
  const candidates = configured ? [configured] : await Promise.all(NEWEST_FIRST.map(onThePath));
  for (const candidate of candidates) {
    if (candidate && (await isNewEnough(candidate))) return candidate;
  }
  throw new Error(
    `Python ${OLDEST.join('.')} or newer is needed and was not found. ` +
      'Install it, or set "fim-lsp.server.python" to it, or "fim-lsp.server.command" to a fim-lsp of your own.',
  );
}

async function isNewEnough(python: string): Promise<boolean> {
  const ask = ['-I', '-c', `import sys, venv, ensurepip; sys.exit(sys.version_info < (${OLDEST.join(', ')}))`];
  return run(python, ask).then(
    () => true,
    () => false,
  );
}

async function execute(log: vscode.LogOutputChannel, program: string, args: string[]): Promise<void> {
  log.info(`${program} ${args.join(' ')}`);
  try {
    const { stdout } = await run(program, args, { timeout: 10 * 60_000 });
    log.debug(stdout);
  } catch (error) {
    const { stderr = '', message = '' } = error as { stderr?: string; message?: string };
    log.error(stderr || message);
    const reason = (stderr || message).trim().split('\n').at(-1) ?? '';
    throw new Error(`The server could not be set up: ${reason}`);
  }
}
