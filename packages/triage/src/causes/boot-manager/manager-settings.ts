import type { ReadOptions } from '@deadbox/core';
import { BootElement, bootObject, ownElement } from '@deadbox/windows';
import type { DiskSubject } from '../../subject/disk-subject.js';
import type { FoundCause } from '../cause.js';
import type { DiskDetector } from '../detector.js';
import { hints, noted, speaksFor } from '../disk-cause.js';
import {
  booleanSetting,
  elementEvidence,
  entryName,
  hexElement,
  type StartStore,
  setElement,
  startStore,
} from './start-store.js';

/** What the boot manager's own object tells it to start instead of the default entry. */
export const MANAGER_SETTINGS: DiskDetector = {
  causes: ['bcd-bootsequence', 'bcd-resume-stale'],
  async detect(subject, options) {
    const start = startStore(subject);
    if (start === undefined) return [];
    return [...(await sequence(subject, start, options)), ...(await resume(subject, start, options))];
  },
};

async function sequence(subject: DiskSubject, start: StartStore, options: ReadOptions): Promise<FoundCause[]> {
  const element = ownElement(start.manager, BootElement.bootSequence);
  if (element?.value.format !== 'object-list' || element.value.ids.length === 0) return [];
  const { ids } = element.value;
  const stale = ids.filter((id) => bootObject(start.store, id) === undefined);
  const names = ids.map((id) => {
    const object = bootObject(start.store, id);
    return object === undefined ? `{${id.toLowerCase()}}` : entryName(object);
  });
  const finding = {
    volume: start.volume.number,
    data: { entries: names, stale: stale.map((id) => `{${id.toLowerCase()}}`) },
    evidence: await elementEvidence(subject, start, [element], options),
    requests: [
      {
        operation: 'remove-boot-element',
        volume: start.volume.number,
        path: start.file.path,
        object: start.manager.id,
        element: hexElement(element.id),
      } as const,
    ],
  };
  return [stale.length > 0 ? hints('bcd-bootsequence', finding) : noted('bcd-bootsequence', 'proves', finding)];
}

/** States of the hibernation file from which nothing can be resumed. */
const NOTHING_TO_RESUME: ReadonlySet<string> = new Set(['none', 'resumed']);

async function resume(subject: DiskSubject, start: StartStore, options: ReadOptions): Promise<FoundCause[]> {
  const attempt = booleanSetting(start.store, start.manager, BootElement.attemptResume);
  if (attempt?.value !== true || subject.installations.length === 0) return [];
  const states: string[] = [];
  for (const { tree } of subject.installations) states.push(await tree.hibernation(options));
  if (states.includes('unreadable'))
    subject.doubts.add(['bcd-resume-stale'], { path: '/hiberfil.sys', reason: 'unreadable' });
  if (!states.every((state) => NOTHING_TO_RESUME.has(state))) return [];
  const evidence = await elementEvidence(subject, start, [attempt.element], options);
  const requests = setElement(start, start.manager, attempt.element, false);
  const data = { hibernation: states };
  return [speaksFor('bcd-resume-stale', { volume: start.volume.number, data, evidence, requests })];
}
