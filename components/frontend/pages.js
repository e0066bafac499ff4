// The app has one page, which shows whatever the path names: it is served for paths without a file extension, but for
// those of well-known files (RFC 8615), which have none.
function handler(event) {
  var request = event.request;
  if (!request.uri.startsWith("/.well-known/") && !request.uri.split("/").pop().includes(".")) {
    request.uri = "/index.html";
  }
  return request;
}
