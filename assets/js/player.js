// The player of an ended run: play, pause, scrub and speed for the curve, the rows and the scores.
// Appended to live_training.js. It requests the frames once, when it is first used.

const FRAME_TIME = 6000; // ms of the whole run at normal speed
const player = $('.player');
const scrubber = $('.player input');
let frames = null; // of the shown run
let whole = null; // the complete curves: [x, y] of the training and the held-out loss
let playing = 0;

function resetPlayer() {
  stopPlaying();
  frames = null;
  whole = null;
  player.hidden = true;
}

function offerPlayer() {
  if (!box.data || box.data[1].x.length < 2 && box.data[0].x.length < 2) return;
  player.hidden = false;
  scrubber.value = scrubber.max;
  $('.player output').textContent = '';
}

async function loadFrames() {
  if (frames) return frames.epochs.length > 1;
  const mine = turn;
  const answer = await server.frames(run);
  if (mine !== turn || !answer || answer.epochs.length < 2) return false;
  frames = answer;
  whole = [0, 1].map(i => [[...box.data[i].x], [...box.data[i].y]]);
  scrubber.max = frames.epochs.length - 1;
  scrubber.value = scrubber.max;
  return true;
}

function showFrame(i) {
  const epoch = frames.epochs[i];
  const isLast = i === frames.epochs.length - 1;
  const cut = ([x, y]) => {
    const count = isLast ? x.length : x.filter(at => at <= epoch).length;
    return [x.slice(0, count), y.slice(0, count)];
  };
  const [train, held] = whole.map(cut);
  Plotly.restyle(box, { x: [train[0], held[0]], y: [train[1], held[1]] }, [0, 1]);
  drawRows(frames.rows[i]);
  drawScores(frames.scores[i]);
  scrubber.value = i;
  scrubber.setAttribute('aria-valuetext', frames.words[i]);
  $('.player output').textContent = frames.words[i];
}

function stopPlaying() {
  clearTimeout(playing);
  playing = 0;
  $('.player button').textContent = say('▶ Play');
}

async function play() {
  if (playing) { stopPlaying(); return; }
  if (!await loadFrames()) return;
  const last = frames.epochs.length - 1;
  if (Number(scrubber.value) >= last) showFrame(0);
  $('.player button').textContent = say('❚❚ Pause');
  const wait = () => FRAME_TIME / last / Number($('.player select').value);
  const step = () => {
    const next = Number(scrubber.value) + 1;
    showFrame(next);
    if (next >= last) stopPlaying();
    else playing = setTimeout(step, wait());
  };
  playing = setTimeout(step, wait());
}

$('.player button').addEventListener('click', play);
scrubber.addEventListener('input', async () => {
  const share = Number(scrubber.value) / Number(scrubber.max);
  if (playing) stopPlaying();
  const known = Boolean(frames);
  if (await loadFrames()) showFrame(known ? Number(scrubber.value) : Math.round(share * (frames.epochs.length - 1)));
});
watch('value', follow);
follow();
