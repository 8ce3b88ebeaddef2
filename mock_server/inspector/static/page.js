// Fetching a page of ours as a document. The server renders every row and panel; scripts only move
// them. XMLHttpRequest, because it is the one way to a document that needs no trusted HTML.
export function fetchPage(address, form = null) {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open(form ? "POST" : "GET", address);
    request.responseType = "document";
    request.setRequestHeader("Accept", "text/html");
    request.onload = () =>
      request.response ? resolve(request.response) : reject(new Error("no page"));
    request.onerror = () => reject(new Error("no answer"));
    if (form) {
      request.setRequestHeader("Content-Type", "application/x-www-form-urlencoded");
    }
    request.send(form ? form.toString() : null);
  });
}
