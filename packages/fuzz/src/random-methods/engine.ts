/** What answers a scene: a session on one of our backends. */
import type { ErrorCode, Stages } from '@touchstone/contract';
import type { SwitchPoints } from '@touchstone/methods';
import { NetworkScratch, type ExplainRequest, type Replayed, type Session } from '@touchstone/session';
import type { MethodScene } from './scene.js';

/** Answers, or the error of the method. */
export interface Engine {
  readonly name: string;
  explain(scene: MethodScene): Promise<Stages | Error>;
  /** What decided at its switch points. */
  switchPoints(scene: MethodScene): Promise<SwitchPoints>;
  /** The answer with the decisions of another engine. */
  replay(scene: MethodScene, switchPoints: SwitchPoints): Promise<Pick<Replayed, 'stages' | 'difference'>>;
}

/** Limit for one scene; software renderers compile new shaders for each. */
const deadlineMs = 120_000;
/** Small networks, a few images, and every stage. */
const maxValues = 20_000_000;

/** More than a block of scenes and their roundings. */
const maxFolders = 200;

/** The networks of the last scenes as files, which all engines read. */
export class SceneFolders {
  readonly #scratch = new NetworkScratch();
  readonly #written = new Map<MethodScene, ReturnType<NetworkScratch['write']>>();

  requestOf(scene: MethodScene): ExplainRequest {
    const { x, target, method, params, fixtures } = scene;
    return { method, networkFolder: this.#folderOf(scene), x, target, params, fixtures, maxValues };
  }

  close(): void {
    this.#scratch.close();
  }

  #folderOf(scene: MethodScene): string {
    const known = this.#written.get(scene);
    if (known) return known.folder;
    for (const [oldest, { remove }] of this.#written) {
      if (this.#written.size < maxFolders) break;
      remove();
      this.#written.delete(oldest);
    }
    const written = this.#scratch.write(scene);
    this.#written.set(scene, written);
    return written.folder;
  }
}

/** A method's decision not to explain a scene, with the reason. */
export class Refusal extends Error {
  override readonly name = 'Refusal';
}
const refusals: ReadonlySet<ErrorCode> = new Set(['bad-params', 'bad-input', 'unknown-name', 'unsupported', 'usage']);

/** @param session on one of our backends */
export function engineOf(name: string, session: Session, folders: SceneFolders): Engine {
  return {
    name,
    explain: async (scene) => {
      const answer = await session.explain(folders.requestOf(scene), { deadlineMs });
      if (answer.kind === 'skipped') return new Refusal(answer.reason);
      if (answer.leaked !== 0) return new Error(`${answer.leaked} tensors were left behind`);
      if (answer.kind === 'errored')
        return refusals.has(answer.code) ? new Refusal(answer.reason) : new Error(answer.reason);
      return answer.stages;
    },
    switchPoints: (scene) =>
      session.diagnose({ kind: 'switchPoints', request: folders.requestOf(scene) }, { deadlineMs }),
    replay: (scene, switchPoints) =>
      session.diagnose({ kind: 'replay', request: folders.requestOf(scene), switchPoints, own: false }, { deadlineMs }),
  };
}
