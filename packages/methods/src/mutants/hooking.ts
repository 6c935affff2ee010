/** ReLU rules as ports install them: by hooks on modules, which functions such as `F.relu` do not have. */
import type { RemovableHandle } from '@touchstone/network';
import { explain, type Explanation } from '../core/explain.js';
import type { Method } from '../core/method.js';
import type { Mutant, Remedy } from '../core/mutant.js';

type Module = ReturnType<Explanation['network']['module']>;

/** @param plainly the method with the gradient's own ReLU rule; `hook` is registered on every ReLU that is a module */
export function hooking(
  id: string,
  fault: string,
  remedy: Remedy,
  plainly: Method,
  hook: (relu: Module) => readonly RemovableHandle[],
): Mutant {
  return {
    id,
    fault,
    remedy,
    of: [plainly.id],
    explain: async (_method, explanation) => {
      const relus = explanation.network.namedModules().filter(([, { type }]) => type === 'ReLU' || type === 'ReLU6');
      const handles = relus.flatMap(([, relu]) => hook(relu));
      try {
        return (await explain(plainly, explanation)).stages;
      } finally {
        for (const handle of handles) handle.remove();
      }
    },
  };
}
