/** A worker that says when the next picture is due: the timers of a page in the background go once a second. */
setInterval(() => postMessage(null), 80);
