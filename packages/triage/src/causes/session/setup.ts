import type { ReadOptions } from '@deadbox/core';
import { type ImageState, readImageState, readSetupState, type SetupState } from '@deadbox/windows/internals';
import type { InstallationSubject } from '../../subject/installation-subject.js';
import type { FoundCause } from '../cause.js';
import type { InstallationDetector } from '../detector.js';
import { doubtFile, findProgram, foundIn, registryEvidence, setNumber } from './found.js';

/** A template that was generalised: its first start goes through Setup. */
const GENERALISED = /_RESEAL_TO_(?:OOBE|AUDIT)$/i;
const UNDEPLOYABLE = /^IMAGE_STATE_UNDEPLOYABLE$/i;

interface SetupFacts {
  readonly setup: SetupState | undefined;
  readonly image: ImageState | undefined;
}

async function setupFacts(subject: InstallationSubject, options: ReadOptions): Promise<SetupFacts> {
  const system = await subject.hive('SYSTEM', options);
  const software = await subject.hive('SOFTWARE', options);
  return {
    setup: system.hive === undefined ? undefined : await readSetupState(system.hive),
    image: software.hive === undefined ? undefined : await readImageState(software.hive),
  };
}

/** Whether the specialise pass of sysprep began and did not end. */
function isInterrupted({ setup, image }: SetupFacts): boolean {
  const completion = setup?.childCompletion?.value;
  const begun = (completion === 1 || completion === 2) && (setup?.setupType ?? 0) !== 0;
  return begun || UNDEPLOYABLE.test(image?.state ?? '');
}

function isUpgrading({ setup }: SetupFacts): boolean {
  return (setup?.rollbackActive ?? 0) !== 0 || (setup?.upgrade ?? 0) !== 0;
}

/** Winlogon starts Setup, or a command, instead of a session. */
export const setupMode: InstallationDetector = {
  causes: ['setup-mode-command'],
  async detect(subject, options) {
    const facts = await subject.fact(setupFacts, options);
    const { setup, image } = facts;
    const type = setup?.setupType ?? 0;
    const inProgress = setup?.systemSetupInProgress ?? 0;
    if (setup === undefined || (type === 0 && inProgress === 0) || isInterrupted(facts) || isUpgrading(facts))
      return [];
    const command = setup.commandLine;
    const program = command === undefined ? undefined : await findProgram(subject, command, options);
    if (program?.state === 'unknown') doubtFile(subject, 'setup-mode-command', program.path);
    const missing = program?.state === 'absent' || program?.state === 'bad';
    const waiting = !missing && GENERALISED.test(image?.state ?? '') && /windeploy/i.test(command ?? '');
    const name = type === 0 ? 'SystemSetupInProgress' : 'SetupType';
    const found: FoundCause = foundIn(subject, 'setup-mode-command', {
      severity: waiting ? 'none' : missing || command !== undefined ? 'act' : 'review',
      confidence: missing ? 'proves' : waiting ? 'hint' : 'strong',
      data: {
        key: setup.key.path,
        name,
        type,
        command: command ?? null,
        missing,
        waiting,
        image: image?.state ?? null,
      },
      evidence: await registryEvidence(subject, 'SYSTEM', setup.key, name, options),
      requests: [
        ...(type === 0 ? [] : [setNumber(subject, setup.key.path, 'SetupType', 0)]),
        // The first start of a template needs it.
        ...(inProgress === 0 || /windeploy/i.test(command ?? '')
          ? []
          : [setNumber(subject, setup.key.path, 'SystemSetupInProgress', 0)]),
      ],
    });
    return [found];
  },
};

/** Sysprep's specialise pass was interrupted, or the image is undeployable. */
export const sysprepInterrupted: InstallationDetector = {
  causes: ['sysprep-interrupted'],
  async detect(subject, options) {
    const facts = await subject.fact(setupFacts, options);
    if (!isInterrupted(facts)) return [];
    const { setup, image } = facts;
    const child = (setup?.setupType ?? 0) === 0 ? undefined : setup?.childCompletion;
    const evidence =
      child !== undefined
        ? await registryEvidence(subject, 'SYSTEM', child.key, 'setup.exe', options)
        : image === undefined
          ? []
          : await registryEvidence(subject, 'SOFTWARE', image.key, 'ImageState', options);
    return [
      foundIn(subject, 'sysprep-interrupted', {
        severity: 'act',
        confidence: 'strong',
        data: {
          key: (child ?? image)?.key.path ?? null,
          completion: child?.value ?? null,
          image: image?.state ?? null,
        },
        evidence,
      }),
    ];
  },
};

/**
 * An upgrade of Windows, or its rollback, did not end. The folder of the upgrade alone stays on every upgraded machine
 * for days.
 */
export const upgradeInterrupted: InstallationDetector = {
  causes: ['upgrade-interrupted'],
  async detect(subject, options) {
    const facts = await subject.fact(setupFacts, options);
    const { setup } = facts;
    if (setup === undefined || !isUpgrading(facts)) return [];
    const name = (setup.rollbackActive ?? 0) === 0 ? 'Upgrade' : 'RollbackActive';
    const folder = await subject.files.list('/$WINDOWS.~BT/Sources/Rollback', options);
    return [
      foundIn(subject, 'upgrade-interrupted', {
        severity: 'act',
        confidence: 'strong',
        data: { key: setup.key.path, name, rollbackFolder: folder !== undefined },
        evidence: await registryEvidence(subject, 'SYSTEM', setup.key, name, options),
      }),
    ];
  },
};
