import { hostname } from 'node:os';
import { DeadboxError, defined } from '@deadbox/core';
import type { LanguageCode, Phrase } from '@deadbox/report';
import { imageText, jsonText, problemPhrase, Reader, textLine } from '@deadbox/report/internals';
import { type FailedImage, failedImage, type Rule } from '@deadbox/triage';
import { UsageError } from '../exit-code.js';
import type { FileStamp } from '../input/in-use/image-hints.node.js';
import { RecentFolders } from '../input/in-use/recent-folders.node.js';
import { Session } from '../input/session.node.js';
import { shownName } from '../input/targets.node.js';
import { loadLanguage } from '../output/language.node.js';
import { ImageWatch } from '../supervision/image-watch.node.js';
import { type JudgedTarget, judge, type ScanVerbOptions } from './judge.node.js';
import { type KeptReport, packReport } from './kept-report.node.js';
import { lineOf } from './run-journal.node.js';
import type { RunTask } from './run-tasks.node.js';

/** What judging needs to know, the same for every image of a run. */
export interface WorkerSetup {
  /** Their secrets are in memory only. */
  readonly options: ScanVerbOptions;
  readonly rules: readonly Rule[];
  readonly language: LanguageCode;
  /** Whether lines for a journal are wanted. */
  readonly lines: boolean;
  /** Whether the run ends with a document of JSON, of which each worker makes its part. Default false. */
  readonly texts?: boolean;
  /** Paths of all images of the run. Default none. */
  readonly targets?: readonly string[];
  /** Mebibytes of buffers that one image may hold; default 1024. */
  readonly bufferCap?: number;
}

/** What a worker gives back of an image. */
export interface WorkerAnswer {
  readonly report: KeptReport;
  /** The journal's line. */
  readonly line: Uint8Array | undefined;
  readonly files: readonly FileStamp[];
  /** What there was to say. */
  readonly said: readonly Phrase[];
}

/** Judges images one after another, in this thread. */
export class ImageJudge {
  readonly #setup: WorkerSetup;
  readonly #session: Session;
  /** Ends the judging of every image. */
  readonly #signal: AbortSignal;
  #said: Phrase[] = [];

  private constructor(setup: WorkerSetup, signal: AbortSignal, session: (hear: (content: Phrase) => void) => Session) {
    this.#setup = setup;
    this.#signal = signal;
    this.#session = session((content) => this.#said.push(content));
    this.#session.folders = new RecentFolders();
    this.#session.targets = setup.targets ?? [];
  }

  /** @param signal - ends the judging of an image */
  static async create(setup: WorkerSetup, signal: AbortSignal): Promise<ImageJudge> {
    const language = await loadLanguage(setup.language);
    return new ImageJudge(setup, signal, (hear) => new Session(language, signal, hear));
  }

  async judge(task: RunTask): Promise<WorkerAnswer> {
    this.#said = [];
    const watch = new ImageWatch(this.#setup);
    this.#session.signal = AbortSignal.any([this.#signal, watch.signal]);
    try {
      const { image, files } = await this.#judged(task);
      return answerOf(task, { image, files }, this.#setup, this.#said);
    } finally {
      watch.end();
    }
  }

  async #judged({ target }: RunTask): Promise<JudgedTarget> {
    const { options, rules } = this.#setup;
    try {
      return await judge(target, { options, rules, session: this.#session });
    } catch (error) {
      if (!(error instanceof UsageError)) throw error;
      // What was asked for does not fit this image: a folder that is a mounted volume, a disk that an archive has not.
      const message = textLine(problemPhrase(error.problem, new Reader({})));
      const failure = failedImage(shownName(target.path), new DeadboxError('TARGET_REFUSED', message));
      const image: FailedImage = target.machine === undefined ? failure : { ...failure, machine: target.machine };
      return { image, files: [] };
    }
  }
}

/** The answer for an image that was judged. */
export function answerOf(
  { index, key, sameAs }: RunTask,
  { image, files }: JudgedTarget,
  { lines, texts }: Pick<WorkerSetup, 'lines' | 'texts'>,
  said: readonly Phrase[] = [],
): WorkerAnswer {
  const [own] = files;
  const { size, mtime } = own ?? { size: null, mtime: null };
  const json = lines || texts !== true ? jsonText(image) : '';
  const made = texts === true ? { json: imageText(image), isText: true } : { json, isText: false };
  return {
    report: packReport(index, image, sameAs, made),
    line: lines
      ? lineOf({ type: 'image', key, index, size, mtime, files, ...defined({ sameAs }), host: hostname() }, json)
      : undefined,
    files,
    said,
  };
}
