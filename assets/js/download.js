// “Download this run”: fetches the zip and saves it, or shows an error.
const said = element.querySelector('.said');
let last = props.value?.turn;

function tell(sentence, isProblem = false) {
  said.textContent = sentence;
  said.classList.toggle('problem', isProblem);
  said.classList.toggle('hint', !isProblem);
}

function sizeOf({ size }) {
  if (size < 1e6) return `${Math.ceil(size / 1e3)} kB`;
  const digits = { minimumFractionDigits: 1, maximumFractionDigits: 1, useGrouping: false };
  return `${(size / 1e6).toLocaleString(document.documentElement.lang, digits)} MB`;
}

async function fetchZip() {
  const { turn, address, name, problem, note } = props.value || {};
  if (!turn || turn === last) return;
  last = turn;
  if (problem) return tell(problem, true);
  tell(say('Preparing the file…'));
  try {
    const answer = await fetch(address);
    if (!answer.ok) return tell((await answer.json()).problem, true);
    const blob = await answer.blob();
    const link = document.createElement('a');
    link.href = URL.createObjectURL(blob);
    link.download = name;
    link.click();
    window.tellOfDownload?.();
    setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
    const told = say('{name}, {size}: model, history and a program that trains the model again.',
      { name, size: sizeOf(blob) });
    tell(`${told} ${note || ''}`.trim());
  } catch {
    tell(say('No connection to the server. Try again in a moment.'), true);
  }
}

watch('value', fetchZip);
