import { dirname } from 'node:path';
import type { DeadboxError } from '@deadbox/core';
import { ToldParents } from '@deadbox/image';
import { type Language, type PageOptions, type Phrase, textWriter } from '@deadbox/report';
import { concat, errorPhrase, Reader, text, textLine } from '@deadbox/report/internals';
import type { Recorder } from '../diagnostics/recorder.js';
import { RecentDevices } from '../mounts/recent-devices.node.js';
import type { CommonOptions } from '../options.js';
import { InputFiles } from '../output/input-files.node.js';
import { Output, type OutputOptions } from '../output/output.node.js';
import { Progress, type ProgressLabel } from '../output/progress.node.js';
import { terminalWidth, zoneFor } from '../output/show.node.js';
import { standardError } from '../output/standard-streams.node.js';
import { RecentLocks } from './in-use/file-locks.node.js';
import type { RecentFolders } from './in-use/recent-folders.node.js';
import type { GivenKeys } from './secrets.node.js';

/** One run of the command line: what all of its parts share. */
export class Session {
  readonly language: Language;
  /** Aborted by Ctrl-C; of a worker, also when its image has to end. */
  signal: AbortSignal;
  readonly inputs: InputFiles = new InputFiles();
  readonly locks: RecentLocks = new RecentLocks();
  readonly devices: RecentDevices = new RecentDevices();
  /** What the images of a run share of the folders that they lie in. */
  folders: RecentFolders | undefined;
  /** Words without a zone: for messages. */
  readonly reader: Reader;
  /** Notes what is read, where a recording was asked for. */
  recorder: Recorder | undefined;
  /** Paths of all images of the command: one may be the newer state of another. */
  targets: readonly string[] = [];
  readonly #told = new Map<string, ToldParents>();
  readonly #hear: ((content: Phrase) => void) | undefined;
  #keys: Promise<GivenKeys | undefined> | undefined;

  /** @param hear - takes what a part of a run has to say, whose whole says it (and what concerns all parts) itself */
  constructor(language: Language, signal: AbortSignal, hear?: (content: Phrase) => void) {
    this.language = language;
    this.signal = signal;
    this.#hear = hear;
    this.reader = new Reader({ language });
  }

  /** What pages need to know. */
  pageOptions(options: CommonOptions): PageOptions {
    return { language: this.language, ...zoneFor(options) };
  }

  output(options: CommonOptions, more: OutputOptions = {}): Output {
    return new Output(options.output, this.inputs, more);
  }

  progress(label: ProgressLabel, options: CommonOptions): Progress {
    return this.progressOf(this.language.notices.labels[label], options);
  }

  /** Progress of work on something that has a name of its own. */
  progressOf(name: string, options: CommonOptions): Progress {
    return new Progress(name, this.language, options.quiet !== true && options.progress !== false);
  }

  /** Says something on stderr: broken into lines on a terminal, on one line for other programs. */
  say(content: Phrase): void {
    if (this.#hear !== undefined) {
      this.#hear(content);
      return;
    }
    const whole = concat(text('deadbox: '), content);
    const stderr = standardError();
    if (!stderr.isTTY) stderr.write(`${textLine(whole)}\n`);
    else stderr.write(textWriter({ width: terminalWidth(stderr) })([{ kind: 'paragraph', content: whole }]));
  }

  /** Says what went wrong where work goes on. */
  sayError(error: DeadboxError): void {
    this.say(errorPhrase(error, this.reader));
  }

  /** What the files in the folder of `path` say of their parents: asked once in a run. */
  toldBeside(path: string): ToldParents {
    const folder = dirname(path);
    const told = this.#told.get(folder) ?? new ToldParents();
    this.#told.set(folder, told);
    return told;
  }

  /** The keys of the command line, read (and asked for) once for all images. */
  keys(options: CommonOptions): Promise<GivenKeys | undefined> {
    const given = [options.recoveryKey, options.password, options.startupKey, options.keys];
    if (given.every((values) => (values?.length ?? 0) === 0)) return Promise.resolve(undefined);
    this.#keys ??= import('./secrets.node.js').then(({ readSecrets }) =>
      readSecrets(options, this.inputs, () => {
        if (this.#hear === undefined) this.say(this.language.notices.literalSecret);
      }),
    );
    return this.#keys;
  }
}
