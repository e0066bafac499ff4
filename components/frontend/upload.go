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

// What browsers are told of how long they may keep a file: an asset for ever, and anything else after they asked whether
// it is still the same. CloudFront keeps that for the time that its cache policy names.
const (
	keepForEver = "public, max-age=31536000, immutable"
	askAgain    = "no-cache"
)

// upload puts the app into the bucket: the page last, when all that it loads is there. An asset stays when no page names
// it any more, since browsers have older pages open that load it later. S3 can't tell which those are, and an expiry by
// age would take those that are in use too; they are small, and go with the bucket.
func (f *Frontend) upload(ctx *pulumi.Context, files app, before ...pulumi.Resource) error {
	for _, where := range slices.Sorted(maps.Keys(files)) {
		if where == page {
			continue
		}
		object, err := f.put(ctx, files[where], files[where].source(f.args.Directory))
		if err != nil {
			return err
		}
		before = append(before, object)
	}
	body := string(files[page].body)
	content := f.args.metas().ToStringMapOutput().ApplyT(func(values map[string]string) pulumi.AssetOrArchive {
		return pulumi.NewStringAsset(withMetas(body, values))
	}).(pulumi.AssetOrArchiveOutput)
	object, err := f.put(ctx, files[page], content, pulumi.DependsOn(before))
	f.Serving = append(f.Serving, object)
	return err
}

// source is where Pulumi finds what is uploaded.
func (f *file) source(directory string) pulumi.AssetOrArchiveInput {
	if f.changed {
		return pulumi.NewStringAsset(string(f.body))
	}
	return pulumi.NewFileAsset(filepath.Join(directory, filepath.FromSlash(f.path)))
}

func (f *Frontend) put(
	ctx *pulumi.Context, put *file, source pulumi.AssetOrArchiveInput, opts ...pulumi.ResourceOption,
) (*s3.BucketObjectv2, error) {
	keep := askAgain
	if put.asset() {
		keep = keepForEver
		opts = append(opts, pulumi.RetainOnDelete(true))
	}
	return s3.NewBucketObjectv2(ctx, f.name+"-"+put.path, &s3.BucketObjectv2Args{
		Bucket:       f.BucketName,
		Key:          pulumi.String(put.key),
		Source:       source,
		ContentType:  pulumi.String(put.contentType()),
		CacheControl: pulumi.String(keep),
	}, append(opts, f.parent)...)
}

// contentTypes are those of files that can't be told by their first bytes. Package mime is not asked: it answers as the
// tables of the machine say, so that two machines could undo each other's deployment.
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

func (f *file) contentType() string {
	if known, ok := contentTypes[path.Ext(f.path)]; ok {
		return known
	}
	return http.DetectContentType(f.body)
}
