// Search in a page that was opened from a folder: browsers start no worker there, so the worker's
// script runs in a hidden frame that takes and gives the same messages.
if (location.protocol === "file:") {
  window.Worker = class {
    constructor(address) {
      const frame = document.createElement("iframe");
      frame.hidden = true;
      document.documentElement.append(frame);
      const inside = frame.contentWindow;
      const say = (data) => setTimeout(() => this.onmessage && this.onmessage({ data }));
      this.frame = frame;
      this.inside = inside;
      this.waiting = [];
      inside.self.postMessage = say;
      const script = inside.document.createElement("script");
      script.src = new URL(address, location.href).href;
      script.onload = () => {
        for (const data of this.waiting) this.hand(data);
        this.waiting = null;
      };
      script.onerror = (problem) => this.onerror && this.onerror(problem);
      inside.document.head.append(script);
    }
    hand(data) {
      setTimeout(() => this.inside.onmessage && this.inside.onmessage({ data }));
    }
    postMessage(data) {
      if (this.waiting) this.waiting.push(data);
      else this.hand(data);
    }
    terminate() {
      this.frame.remove();
    }
  };
}
