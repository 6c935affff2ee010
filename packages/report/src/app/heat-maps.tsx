import { figure } from '../figures.js';
import type { CaseExhibit, ComparedExhibit, ExhibitImages } from '../page/page-data.js';

/** Golden, answer and difference of the stages that are drawn, on one scale each. */
export function HeatMaps({ exhibit, backend }: { readonly exhibit: CaseExhibit; readonly backend: string }) {
  const compared = (exhibit.compared ?? []).filter((each) => each.backend === backend);
  if (compared.length === 0) return null;
  return (
    <>
      <h3>Golden, answer and difference</h3>
      {compared.map((each) => (
        <Compared key={each.file} compared={each} />
      ))}
    </>
  );
}

function Compared({ compared }: { readonly compared: ComparedExhibit }) {
  const { stage, plane, scale } = compared;
  return (
    <section class="compared" aria-label={`Stage ${stage}`}>
      <h4>
        {stage}
        {plane === '' ? '' : `, ${plane}`}
      </h4>
      <Panels compared={compared} alt={(name) => `${name} of stage ${stage}, red is ${figure(scale)}`} />
      <Scale scale={scale} />
    </section>
  );
}

interface PanelsProps {
  readonly compared: ComparedExhibit;
  /** What a panel shows, by its name. */
  readonly alt: (name: string) => string;
  /** Of the rows with which these are compared. */
  readonly columns?: number | undefined;
}

export function Panels({ compared, alt, columns }: PanelsProps) {
  const names = namesOf(compared);
  return (
    <div class="panels" style={columns === undefined ? {} : { '--columns': columns }}>
      {names.map((name, i) => (
        <figure key={name}>
          <Panel compared={compared} at={i} of={names.length} alt={alt(name)} />
          <figcaption>{name}</figcaption>
        </figure>
      ))}
    </div>
  );
}

export function namesOf({ amplified }: ComparedExhibit): string[] {
  return ['golden', 'answer', 'difference', ...(amplified === null ? [] : [`difference × ${timesText(amplified)}`])];
}

/** @param factor a power of ten */
function timesText(factor: number): string {
  const exponent = Math.round(Math.log10(factor));
  return exponent < 4
    ? String(factor)
    : `10${[...String(exponent)].map((digit) => '⁰¹²³⁴⁵⁶⁷⁸⁹'[Number(digit)]).join('')}`;
}

export function Scale({ scale }: { readonly scale: number }) {
  return (
    <p class="legend">
      <span>−{figure(scale)}</span> <span class="scale" role="img" aria-label="from blue over white to red" />{' '}
      <span>{figure(scale)}</span> <span class="not-finite" aria-hidden="true" /> <span>not finite</span>
    </p>
  );
}

interface PanelProps {
  readonly compared: ComparedExhibit;
  readonly at: number;
  readonly of: number;
  readonly alt: string;
}

/** One panel of the file, cut out in percent of its own width, so that it can have any size. */
function Panel({ compared: { file, width, height, gap }, at, of, alt }: PanelProps) {
  const percent = (pixels: number, whole: number): string => `${(100 * pixels) / whole}%`;
  return (
    <div class="panel" role="img" aria-label={alt} style={{ aspectRatio: `${width} / ${height}` }}>
      <img
        src={relative(file)}
        alt=""
        loading="lazy"
        style={{
          width: percent(of * (width + gap) + gap, width),
          height: percent(height + 2 * gap, height),
          left: `-${percent(gap + at * (width + gap), width)}`,
          top: `-${percent(gap, height)}`,
        }}
      />
    </div>
  );
}

/** The input and what the method shows. */
export function Images({ images: { input, shown, backend } }: { readonly images: ExhibitImages }) {
  const all = [...(input === null ? [] : [{ file: input, caption: 'input' }]), ...shown];
  return (
    <>
      <h3>Images{shown.length === 0 ? '' : ` (${backend})`}</h3>
      <div class="images">
        {all.map(({ file, caption }) => (
          <figure key={file}>
            <img src={relative(file)} alt={caption} loading="lazy" />
            <figcaption>{caption}</figcaption>
          </figure>
        ))}
      </div>
    </>
  );
}

/** A path below the page, whatever the names in it hold. */
function relative(file: string): string {
  const parts = file.split('/').filter((part) => part !== '' && part !== '.' && part !== '..');
  return parts.map(encodeURIComponent).join('/');
}
