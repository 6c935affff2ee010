import { clone, deconvRelu, guidedRelu, plainRelu, reluOf, Variable } from '@touchstone/network';
import { displayBy, displayFormulas } from '../steps/display.js';
import { remedy, replacing, type Mutant } from '../core/mutant.js';
import type { Method } from '../core/method.js';
import { deconvFrom } from './deconv.js';
import { hooking } from '../mutants/hooking.js';
import { deconvRule } from '../mutants/remedies.js';

export const deconvMutants: readonly Mutant[] = [
  replacing(
    'display-by-magnitude',
    'the image is scaled by max|g| instead of max g',
    remedy(
      'Divide by the largest value instead of the largest magnitude',
      'g.divNoNan(g.max([1, 2, 3], true).relu()).add(0.5)',
      'g / torch.where((m := g.amax((1, 2, 3), keepdim=True)) > 0, m, torch.inf) + 0.5',
    ),
    deconvFrom({ display: displayBy({ ...displayFormulas.deconv, size: 'max-abs' }) }),
  ),
  replacing(
    'guided-for-deconv',
    "guided backpropagation's ReLU rule instead of deconvolution's",
    deconvRule,
    deconvFrom({ rules: { relu: guidedRelu } }),
  ),
  replacing(
    'deconv-not-replaced',
    'the ReLU rule is not replaced: the answer is the plain gradient',
    deconvRule,
    deconvFrom({ rules: {} }),
  ),
  replacing(
    'deconv-features-only',
    'only the ReLUs of feature maps are replaced, those between Linears are not',
    deconvRule,
    deconvFrom({ rules: { relu: (R, mask) => (R.rank === 4 ? deconvRelu : plainRelu)(R, mask) } }),
  ),
  hooking(
    'deconv-functional-missed',
    'ReLUs that are functions, such as F.relu, are not replaced',
    deconvRule,
    deconvFrom({ rules: {} }) as Method,
    (relu) => {
      let input: Variable;
      return [
        relu.registerForwardPreHook((_module, [x]) => void (input = clone(x!))),
        relu.registerForwardHook((_module, _inputs, { value }) =>
          Variable.result('deconv', value.clone(), [input], (R) => [reluOf(R)]),
        ),
      ];
    },
  ),
];
