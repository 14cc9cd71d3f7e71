import { DeadboxError } from '@deadbox/core';
import { formatSize, type OutputErrorCode } from '@deadbox/report/internals';
import { Recorder } from '../diagnostics/recorder.js';
import { writeDiagnostics } from '../diagnostics/write-diagnostics.node.js';
import type { DiskTarget } from '../input/disk-targets.node.js';
import type { Session } from '../input/session.node.js';
import { isUrl } from '../input/targets.node.js';
import { loadHelpWords } from '../output/language.node.js';
import { OutputFile } from '../output/output-file.node.js';
import { VERSION } from '../version.js';
import type { ScanVerbOptions } from './judge.node.js';

/** What `--diagnostics` asks for: a recording of what the judging of one image reads. */
export class Diagnostics {
  readonly #path: string;
  readonly #contents: boolean;
  readonly #session: Session;
  readonly #file: OutputFile;
  readonly #recorder = new Recorder();

  /** Begins the recording: a folder that nobody may write to is known at once. */
  constructor(path: string, options: ScanVerbOptions, session: Session) {
    this.#path = path;
    this.#contents = options.diagnosticsContents === true;
    this.#session = session;
    this.#file = new OutputFile(path, session.inputs);
    session.recorder = this.#recorder;
  }

  /** Writes what was read of `target`, and says what is in the file. */
  async write({ path: image }: DiskTarget, options: ScanVerbOptions): Promise<void> {
    const head = {
      schema: 'deadbox.diagnostics/1',
      tool: 'deadbox',
      version: VERSION,
      made: new Date().toISOString(),
      image,
      contents: this.#contents,
    } as const;
    this.#file.begin();
    const { recorded, leftOut } = await writeDiagnostics(this.#recorder, head, this.#file);
    this.#file.finish();
    if (options.quiet === true) return;
    const { verbose } = await loadHelpWords(this.#session.language.code);
    const sizes = { recorded: formatSize(recorded), leftOut: formatSize(leftOut) };
    this.#session.say(verbose.recorded({ path: this.#path, contents: this.#contents, ...sizes }));
  }

  /** Ends without a file. Does nothing after {@link write}. */
  discard(): void {
    this.#file.discard();
  }
}

/**
 * The recording that the options ask for.
 * @throws DeadboxError `DIAGNOSTICS_REFUSED` where it cannot be made
 */
export function diagnosticsOf(
  targets: readonly DiskTarget[],
  options: ScanVerbOptions,
  session: Session,
): Diagnostics | undefined {
  const { diagnostics: path, diagnosticsContents } = options;
  if (path === undefined && diagnosticsContents !== true) return undefined;
  if (path === undefined) throw refused('--diagnostics-contents needs --diagnostics FILE');
  if (!path.toLowerCase().endsWith('.diag')) throw refused(`${path}: the name of a recording ends with .diag`);
  const [only, ...others] = targets;
  if (only === undefined || others.length > 0) throw refused('a recording is made of one image at a time');
  if (isUrl(only.path)) throw refused('what is read over the network is not recorded: copy the image first');
  return new Diagnostics(path, options, session);
}

function refused(what: string): DeadboxError {
  return new DeadboxError<OutputErrorCode>('DIAGNOSTICS_REFUSED', what);
}
