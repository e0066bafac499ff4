package frontend

import (
	"maps"
	"net/http"
	"path"
	"path/filepath"
	"slices"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/s3"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// How long browsers may keep a file: an asset forever, and any other file after they have revalidated it. CloudFront
// caches the latter for as long as its cache policy says.
const (
	cacheForever = "public, max-age=31536000, immutable"
	revalidate   = "no-cache"
)

// upload creates the app's objects in the bucket, the page last, when all that it loads exists. An asset stays when no
// page names it any more, since browsers with an older page may still load it. S3 does not know which assets those are,
// and an expiry by age would delete assets in use too; they are small, and are deleted with the bucket.
func (f *Frontend) upload(ctx *pulumi.Context, files app, before ...pulumi.Resource) error {
	for _, name := range slices.Sorted(maps.Keys(files)) {
		if name == page {
			continue
		}
		object, err := f.newObject(ctx, files[name], files[name].source(f.args.Directory))
		if err != nil {
			return err
		}
		before = append(before, object)
	}
	body := string(files[page].body)
	content := f.args.metas().ToStringMapOutput().ApplyT(func(values map[string]string) pulumi.AssetOrArchive {
		return pulumi.NewStringAsset(withMetas(body, values))
	}).(pulumi.AssetOrArchiveOutput)
	object, err := f.newObject(ctx, files[page], content, pulumi.DependsOn(before))
	f.Serving = append(f.Serving, object)
	return err
}

// source returns what Pulumi uploads: the file in the directory, or its adapted content.
func (f *file) source(directory string) pulumi.AssetOrArchiveInput {
	if f.changed {
		return pulumi.NewStringAsset(string(f.body))
	}
	return pulumi.NewFileAsset(filepath.Join(directory, filepath.FromSlash(f.path)))
}

// newObject creates the object of a file.
func (f *Frontend) newObject(
	ctx *pulumi.Context, file *file, source pulumi.AssetOrArchiveInput, opts ...pulumi.ResourceOption,
) (*s3.BucketObjectv2, error) {
	caching := revalidate
	if file.asset() {
		caching = cacheForever
		opts = append(opts, pulumi.RetainOnDelete(true))
	}
	return s3.NewBucketObjectv2(ctx, f.name+"-"+file.path, &s3.BucketObjectv2Args{
		Bucket:       f.BucketName,
		Key:          pulumi.String(file.key),
		Source:       source,
		ContentType:  pulumi.String(file.contentType()),
		CacheControl: pulumi.String(caching),
	}, append(opts, f.parent)...)
}

// contentTypes are the types of files that their first bytes do not show, by extension. Package mime depends on the
// tables of the machine, so that two machines could undo each other's deployment.
var contentTypes = map[string]string{
	".avif":        "image/avif",
	".css":         "text/css; charset=utf-8",
	".html":        "text/html; charset=utf-8",
	".js":          "text/javascript; charset=utf-8",
	".json":        "application/json",
	".map":         "application/json",
	".mjs":         "text/javascript; charset=utf-8",
	".svg":         "image/svg+xml; charset=utf-8",
	".txt":         "text/plain; charset=utf-8",
	".webmanifest": "application/manifest+json",
	".xml":         "application/xml; charset=utf-8",
}

// contentType returns the file's media type.
func (f *file) contentType() string {
	if contentType, known := contentTypes[path.Ext(f.path)]; known {
		return contentType
	}
	return http.DetectContentType(f.body)
}
