// Fits the labels of a chart to its width: ticks, labels of points, annotations, the legend. Figures
// are made without knowing the width, so chart.js calls `arrange` after drawing and resizing.

const LINE = 15; // pixels per line of text
const GAP = 4; // pixels between two labels
const WAYS = [[0, -1], [0, 1], [1, 0], [-1, 0], [1, -1], [-1, -1], [1, 1], [-1, 1]];
const SIDES = { '-1': ['left', 'top'], 0: ['center', 'middle'], 1: ['right', 'bottom'] };
const pen = document.createElement('canvas').getContext('2d');

function textWidth(words, font) {
  pen.font = `${font?.size || 13}px ${resolve(font?.family) || 'sans-serif'}`;
  // Markup has no width, and an escaped character counts as one.
  return pen.measureText(String(words).replace(/<[^>]*>/g, '').replace(/&\w+;/g, 'x')).width;
}

// Text broken between words into lines of at most `room` pixels.
function wrapped(words, room, font) {
  const lines = [];
  for (const word of words.split(/\s+/)) {
    const longer = lines.length ? `${lines.at(-1)} ${word}` : word;
    if (lines.length && textWidth(longer, font) <= room) lines[lines.length - 1] = longer;
    else lines.push(word);
  }
  return lines.join('<br>');
}

// The ticks of a categorical axis: horizontal if they fit, else rotated, else every n-th.
function fittedTicks(wanted, length, upward) {
  const { tickvals: places, ticktext: words, range } = wanted;
  const slot = length / Math.abs(range[1] - range[0]) * Math.abs(places[1] - places[0]);
  const widest = Math.max(...words.map(word => textWidth(word, wanted.tickfont)));
  const turned = Math.ceil(LINE / slot);
  const upright = upward ? turned : Math.ceil((widest + GAP) / slot);
  const every = Math.min(upright, turned);
  const kept = list => list.filter((_, i) => i % every === 0);
  return { tickvals: kept(places), ticktext: kept(words), tickangle: upright <= turned ? 0 : -90 };
}

// Places the label of each point so that it covers neither another label nor a point.
function placedLabels(points, width, height) {
  const taken = points.map(({ x, y, size }) => [x - size, x + size, y - size, y + size]);
  const free = (box, own) => box[0] >= 0 && box[1] <= width && box[2] >= -LINE && box[3] <= height
    && taken.every((other, i) => i === own || box[0] >= other[1] || box[1] <= other[0]
      || box[2] >= other[3] || box[3] <= other[2]);
  return points.map(({ x, y, size, words, font }, own) => {
    if (!words) return ['', 'top center'];
    const [w, h] = [textWidth(words, font) / 2, LINE / 2];
    for (const [across, down] of WAYS) {
      const [cx, cy] = [x + across * (w + size + 2), y + down * (h + size + 2)];
      const box = [cx - w, cx + w, cy - h, cy + h];
      if (!free(box, own)) continue;
      taken.push(box);
      return [words, `${SIDES[down][1]} ${SIDES[across][0]}`];
    }
    return ['', 'top center']; // no free place: the label appears only on hover
  });
}

async function arrange(box, figure) {
  const { layout, data } = figure;
  const full = box._fullLayout; // internal, but the only source of an axis's size in Plotly
  const changes = {};
  for (const axis of Object.keys(layout).filter(key => /^[xy]axis\d*$/.test(key))) {
    const wanted = layout[axis];
    if (!(wanted?.ticktext?.length > 1) || !wanted.range || layout.meta?.layouts) continue;
    const fitted = fittedTicks(wanted, full[axis]._length, axis.startsWith('y'));
    for (const [key, value] of Object.entries(fitted)) changes[`${axis}.${key}`] = resolve(value);
  }
  (layout.annotations || []).forEach((note, i) => {
    if (note.name !== 'note') return;
    changes[`annotations[${i}].text`] = wrapped(note.text, full._size.w - 16, note.font);
  });
  if (Object.keys(changes).length) await Plotly.relayout(box, changes);
  const named = data.flatMap((trace, i) => layout.showlegend && trace.name ? [i] : []);
  if (named.length) {
    const names = named.map(i => wrapped(data[i].name, full.width - 80, layout.legend?.font));
    if (names.some((name, k) => name !== box.data[named[k]].name)) {
      await Plotly.restyle(box, { name: names }, named);
    }
  }
  const traces = layout.meta?.labels || [];
  if (!traces.length) return;
  const points = traces.flatMap(i => data[i].x.map((x, k) => ({
    x: full.xaxis.d2p(x), y: full.yaxis.d2p(data[i].y[k]), words: data[i].text[k],
    size: data[i].marker.size / 2, font: data[i].textfont })));
  const found = placedLabels(points, full.xaxis._length, full.yaxis._length);
  for (const i of traces) {
    const mine = found.splice(0, data[i].x.length);
    await Plotly.restyle(box, { text: [mine.map(one => one[0])],
      textposition: [mine.map(one => one[1])] }, [i]);
  }
}

