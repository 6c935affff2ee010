import { replacing, type Mutant } from '../core/mutant.js';
import { hooksFrom } from './hooks.js';

export const hooksMutants: readonly Mutant[] = [
  replacing(
    'hooks-prepend-ignored',
    'a prepended hook comes last among those of its module',
    hooksFrom({ comesFirst: () => false }),
  ),
  replacing(
    'hooks-order-reversed',
    'the hooks of a module run in the reverse order of their registration',
    hooksFrom({ comesFirst: () => true }),
  ),
  replacing(
    'hooks-return-forgotten',
    'what a hook returns does not replace what it saw',
    hooksFrom({ returned: () => undefined }),
  ),
  replacing(
    'hooks-never-removed',
    'handle.remove() is ignored: the hook still fires',
    hooksFrom({ remove: () => undefined }),
  ),
  replacing(
    'hooks-gradients-pile-up',
    'gradients of parameters are not cleared between runs',
    hooksFrom({ clearGradient: () => undefined }),
  ),
];
