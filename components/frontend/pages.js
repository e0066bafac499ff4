// The app has one page, which shows whatever the path names: paths without a file extension lead to it.
function handler(event) {
  var request = event.request;
  if (!request.uri.split("/").pop().includes(".")) {
    request.uri = "/index.html";
  }
  return request;
}
