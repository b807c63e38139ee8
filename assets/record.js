// Says why there is no microphone, where the browser knows it beforehand.
const place = element.querySelector('.microphone');
const instead = ' You can upload ten .wav files instead.';
if (!navigator.mediaDevices?.getUserMedia) {
  place.textContent = 'This browser offers no microphone to this page (it does on https, and on '
    + 'your own computer).' + instead;
} else {
  navigator.permissions?.query({ name: 'microphone' }).then(state => {
    const say = () => {
      place.textContent = state.state === 'denied'
        ? 'The microphone is refused to this page: allow it in the browser’s settings of this site.' + instead
        : '';
    };
    state.onchange = say;
    say();
  }).catch(() => {});
}
