import { remedy, replacing, type Mutant } from '../core/mutant.js';
import { hooksFrom } from './hooks.js';

export const hooksMutants: readonly Mutant[] = [
  replacing(
    'hooks-prepend-ignored',
    'a prepended hook comes last among those of its module',
    remedy('Run a prepended hook before those that are registered already'),
    hooksFrom({ comesFirst: () => false }),
  ),
  replacing(
    'hooks-order-reversed',
    'the hooks of a module run in the reverse order of their registration',
    remedy('Run hooks in the order of their registration'),
    hooksFrom({ comesFirst: () => true }),
  ),
  replacing(
    'hooks-return-forgotten',
    'what a hook returns does not replace what it saw',
    remedy('Use what a hook returns, if it returns something'),
    hooksFrom({ returned: () => undefined }),
  ),
  replacing(
    'hooks-never-removed',
    'handle.remove() is ignored: the hook still fires',
    remedy('Take the hook out of the list in handle.remove()'),
    hooksFrom({ remove: () => undefined }),
  ),
  replacing(
    'hooks-gradients-pile-up',
    'gradients of parameters are not cleared between runs',
    remedy('Clear gradients before each run', 'variable.grad = null', 'model.zero_grad(set_to_none=True)'),
    hooksFrom({ clearGradient: () => undefined }),
  ),
];
