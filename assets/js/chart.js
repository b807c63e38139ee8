// A Plotly chart that follows the page's theme and size. This is the beginning of a function body:
// the scripts of components with charts, such as `live_training.js`, are appended to it.

const PAGE = { width: 24, height: 24, path: 'M8.6 16.6L4 12l4.6-4.6L7.2 6l-6 6 6 6zM15.4 16.6L20 12l-4.6-4.6L16.8 6l6 6-6 6z' };
const INK = /^var\((--[\w-]+)\)$/;

// Figures contain the names of CSS variables for colours; the style sheet defines their values.
function resolve(value, style = getComputedStyle(document.body)) {
  if (typeof value === 'string') {
    const name = value.match(INK);
    return name ? style.getPropertyValue(name[1]).trim() : value;
  }
  if (Array.isArray(value)) return value.map(item => resolve(item, style));
  if (value && typeof value === 'object') {
    return Object.fromEntries(Object.entries(value).map(([k, v]) => [k, resolve(v, style)]));
  }
  return value;
}

// {line: {color: 'var(--enc)'}} -> {'line.color': '#2563c9'}: only values that depend on the theme.
function themed(value, path = '', found = {}) {
  if (typeof value === 'string' && INK.test(value)) found[path] = resolve(value);
  else if (Array.isArray(value)) value.forEach((item, i) => themed(item, `${path}[${i}]`, found));
  else if (value && typeof value === 'object') {
    for (const [k, v] of Object.entries(value)) themed(v, path ? `${path}.${k}` : k, found);
  }
  return found;
}

// A chart as a file, with the page's background: a transparent one may be unreadable elsewhere.
function saveChart(box, format) {
  const { width, height } = box.getBoundingClientRect();
  const layout = { ...box.layout, paper_bgcolor: resolve('var(--card)') };
  const part = box.closest('[data-panel]')?.dataset.panel || box.closest('[data-ask]')?.dataset.ask;
  Plotly.downloadImage({ data: box.data, layout }, { format, width, height,
    scale: format === 'svg' ? 1 : 2, filename: `seq2seq-${part || 'figure'}` });
}

function saveFile(name, text, type) {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(new Blob([text], { type }));
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}

async function plotlySource() {
  return (await fetch(document.querySelector('script[src*="plotly-"]').src)).text();
}

// A chart as a page that needs no server: it contains Plotly, 5 MB.
async function saveChartAsPage(box) {
  const part = box.closest('[data-panel]')?.dataset.panel || box.closest('[data-ask]')?.dataset.ask || 'figure';
  const ground = resolve('var(--card)');
  const layout = { ...box.layout, paper_bgcolor: ground, meta: undefined };
  // A token that ends a script would end this one.
  const values = JSON.stringify([box.data, layout]).replaceAll('</', '<\\/');
  saveFile(`seq2seq-${part}.html`, ['<!doctype html><html lang="', document.documentElement.lang,
    '"><head><meta charset="utf-8"><title>seq2seq</title></head><body style="margin: 16px; background: ', ground,
    '"><div id="chart"></div><script>', await plotlySource(), '</script><script>Plotly.newPlot("chart", ...',
    values, ', { displaylogo: false });</script></body></html>'].join(''), 'text/html');
}

// One observer resizes all charts with their containers. The container of a hidden tab has no width
// until the tab is shown.
window.chartSizes ??= new ResizeObserver(entries => {
  for (const { target } of entries) target.fitChart();
});

function makeChart(box) {
  let figure = null; // as received: with names of CSS variables
  let fitted = 0; // the width for which its labels are arranged
  box.setAttribute('role', 'group'); // not an image, since it contains buttons
  const touch = matchMedia('(pointer: coarse)').matches;
  // Explicit buttons: Plotly's default set has one that uploads the chart.
  const files = [['png', say('Download as an image (PNG)'), 'camera'],
    ['svg', say('Download as a vector graphic (SVG)'), 'disk']];
  const locale = document.documentElement.lang;
  const dictionary = { Zoom: say('Zoom'), Pan: say('Pan'), 'Reset axes': say('Reset axes') };
  const config = still => ({ // made once, since Plotly redraws the chart for a new object
    locale, locales: { [locale]: { dictionary } },
    displaylogo: false, displayModeBar: touch ? false : 'hover',
    modeBarButtons: [...(still ? [] : [['zoom2d', 'pan2d', 'resetScale2d']]),
      [...files.map(([format, title, icon]) => ({
        name: format, title, icon: Plotly.Icons[icon], click: () => saveChart(box, format) })),
      { name: 'html', title: say('Download as a page that works offline (HTML)'), icon: PAGE, click: () => saveChartAsPage(box) }]],
  });
  const configs = [];

  async function draw(next) {
    figure = next;
    const { data, layout } = resolve(structuredClone(next));
    const still = Number(Boolean(layout.xaxis?.fixedrange));
    // On a touch screen, dragging on the chart scrolls the page instead of zooming.
    await Plotly.react(box, data,
      { ...layout, width: box.clientWidth || undefined, dragmode: touch ? false : 'zoom' },
      configs[still] ??= config(still));
    // Screen readers read the label of the box; inside it, they reach only the download buttons.
    for (const svg of box.querySelectorAll('.main-svg')) svg.setAttribute('aria-hidden', 'true');
    fitted = 0;
    await box.fitChart();
  }

  // The container may have changed while the chart was being drawn, so compare it with the width
  // that was drawn, not with the one that was measured last.
  box.fitChart = async () => {
    const width = box.clientWidth;
    if (!figure || !box.layout || !width || width === fitted) return;
    fitted = width;
    if (box.layout.width !== width) await Plotly.relayout(box, { width });
    await arrange(box, figure);
  };

  function recolour() {
    if (!figure) return;
    figure.data.forEach((trace, i) => i < box.data.length && Plotly.restyle(box, themed(trace), [i]));
    Plotly.relayout(box, themed(figure.layout));
  }

  // The theme is a class of the body element.
  new MutationObserver(recolour).observe(document.body, { attributeFilter: ['class'] });
  window.chartSizes.observe(box);

  return { draw, extend: (update, traces) => Plotly.extendTraces(box, update, traces) };
}
