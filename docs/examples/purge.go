// go get github.com/alibabacloud-go/dcdn-20180115/v3 github.com/alibabacloud-go/darabonba-openapi/v2
package main

import (
	"fmt"
	"os"
	"strings"

	openapi "github.com/alibabacloud-go/darabonba-openapi/v2/client"
	dcdn "github.com/alibabacloud-go/dcdn-20180115/v3/client"
	"github.com/alibabacloud-go/tea/tea"
)

func main() {
	scheme, host, _ := strings.Cut("https://freshet.example.com", "://")
	client, err := dcdn.NewClient(&openapi.Config{
		AccessKeyId:     tea.String(os.Getenv("ALIBABA_CLOUD_ACCESS_KEY_ID")),
		AccessKeySecret: tea.String(os.Getenv("ALIBABA_CLOUD_ACCESS_KEY_SECRET")),
		Endpoint:        tea.String(host),
		Protocol:        tea.String(strings.ToUpper(scheme)),
	})
	if err != nil {
		panic(err)
	}
	answer, err := client.RefreshDcdnObjectCaches(&dcdn.RefreshDcdnObjectCachesRequest{
		ObjectPath: tea.String(strings.Join(os.Args[1:], "\n")),
	})
	if err != nil {
		panic(err)
	}
	fmt.Println(tea.StringValue(answer.Body.RefreshTaskId))
}
